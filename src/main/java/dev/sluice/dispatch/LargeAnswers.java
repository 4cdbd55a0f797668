package dev.sluice.dispatch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How much of the memory the answers above 1 MiB may take together, so that a few functions that answer much at the
 * same time do not end the process. What finds no room is not read on until others have ended; the oldest always is, or
 * all of them would wait for each other.
 */
final class LargeAnswers {
    /** 1 MiB: below it the windows of the functions are bound enough. */
    static final int LARGE_BYTES = 1 << 20;

    /** Upper bound of all shares, in bytes, but for the oldest's. */
    private final long bytesMax;

    private long used;
    /** The oldest first. */
    private final Set<Share> shares = new LinkedHashSet<>();

    LargeAnswers(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** An eighth of the heap: a body is held twice while it is put together, and its tree takes more again. */
    static LargeAnswers ofThisProcess() {
        return new LargeAnswers(Runtime.getRuntime().maxMemory() / 8);
    }

    /** Of an answer that begins; takes nothing while it is small. */
    Share share(Runnable pause, Runnable resume) {
        return new Share(pause, resume);
    }

    synchronized long used() {
        return used;
    }

    /** The part of one answer. Grown by the thread that reads it, ended by any. */
    final class Share {
        private final Runnable pause;
        private final Runnable resume;
        private long bytes;
        private boolean waits;
        private boolean ended;

        private Share(Runnable pause, Runnable resume) {
            this.pause = pause;
            this.resume = resume;
        }

        /** @param length what the answer has now, in bytes; it is paused when there is no room for more */
        void grow(int length) {
            if (length > LARGE_BYTES) take(this, length);
        }

        /** The answer has been used, or has failed. A second call changes nothing. */
        void end() {
            if (bytes > 0) giveBack(this).forEach(Runnable::run);
        }

        private boolean hasRoom() {
            return used < bytesMax || shares.iterator().next() == this;
        }
    }

    private synchronized void take(Share share, int length) {
        if (share.ended) return;
        used += length - share.bytes;
        share.bytes = length;
        shares.add(share);
        if (share.hasRoom()) return;
        // Also when it waits already: word of room may have come late, and have set it going after this.
        share.waits = true;
        share.pause.run();
    }

    /** @return what goes on now */
    private synchronized List<Runnable> giveBack(Share share) {
        var goOn = new ArrayList<Runnable>();
        if (share.ended) return goOn;
        share.ended = true;
        used -= share.bytes;
        shares.remove(share);
        for (Share other : shares) {
            if (!other.waits || !other.hasRoom()) continue;
            other.waits = false;
            goOn.add(other.resume);
        }
        return goOn;
    }
}

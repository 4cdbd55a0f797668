package dev.sluice.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lines that come in while others go out, between an event loop and one thread that may block. Holds back the sender
 * when that thread is slower, and that thread when the client does not read.
 */
final class LineExchange {
    /** 2 MiB of lines that nobody has taken yet; the next piece, some KB, comes on top. */
    private static final long IN_BYTES_MAX = 2 << 20;

    /**
     * 8 MiB of answers that the client has not read, some 70,000: one that reads only when it has sent all would wait
     * for ever if it were held back sooner.
     */
    private static final long OUT_BYTES_MAX = 8 << 20;

    /** 2 minutes without a line or without reading an answer: the client is gone, whatever its connection says. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpServerRequest request;
    private final Lines lines;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Lines.Line> waiting = new ArrayDeque<>();
    private long inBytes;
    private long outBytes;
    private boolean isEnded;
    private boolean isBroken;
    private boolean isHeld;

    /** @param request paused; its handlers are set here, on its event loop */
    LineExchange(HttpServerRequest request, int lineBytesMax) {
        this.request = request;
        this.lines = new Lines(lineBytesMax);
        request.handler(piece -> take(lines.take(piece.getBytes()), false));
        request.endHandler(end -> take(lines.end(), true));
        request.exceptionHandler(e -> breakOff());
        request.response().exceptionHandler(e -> breakOff());
        request.response().closeHandler(closed -> breakOff());
    }

    private void take(List<Lines.Line> more, boolean last) {
        lock.lock();
        try {
            waiting.addAll(more);
            for (Lines.Line line : more) inBytes += size(line);
            isEnded |= last;
            if (!last && !isHeld && inBytes > IN_BYTES_MAX) {
                isHeld = true;
                request.pause();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** With what a line costs beside its text, so that empty ones are bounded, too. */
    private static long size(Lines.Line line) {
        return 64 + (line.text() == null ? 0 : line.text().length);
    }

    private void breakOff() {
        lock.lock();
        try {
            isBroken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** @return 1 to {@code most} lines, as soon as there is one; none when all have come, or the client is gone */
    List<Lines.Line> next(int most) {
        lock.lock();
        try {
            if (!await(() -> !waiting.isEmpty() || isEnded)) return List.of();
            var some = new ArrayList<Lines.Line>();
            while (some.size() < most && !waiting.isEmpty()) some.add(waiting.poll());
            for (Lines.Line line : some) inBytes -= size(line);
            if (isHeld && inBytes <= IN_BYTES_MAX / 2) {
                isHeld = false;
                request.resume();
            }
            return some;
        } finally {
            lock.unlock();
        }
    }

    /** @return false when the client is gone */
    boolean write(Buffer answers) {
        lock.lock();
        try {
            if (!await(() -> outBytes <= OUT_BYTES_MAX)) return false;
            outBytes += answers.length();
        } finally {
            lock.unlock();
        }
        request.response().write(answers).onComplete(written -> {
            lock.lock();
            try {
                outBytes -= answers.length();
                isBroken |= written.failed();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        });
        return true;
    }

    /** Ends the answer, or the connection when the client is gone: half an answer must not look like a whole one. */
    void end() {
        HttpServerResponse response = request.response();
        lock.lock();
        try {
            if (!isBroken && isEnded && waiting.isEmpty()) response.end();
            else response.reset();
        } finally {
            lock.unlock();
        }
    }

    private interface Wish {
        boolean isFulfilled();
    }

    /** @return false when the client is gone, or has been silent for too long */
    private boolean await(Wish wish) {
        long left = PATIENCE.toNanos();
        try {
            while (!isBroken && !wish.isFulfilled() && left > 0) left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isBroken = true;
        }
        isBroken |= left <= 0;
        return !isBroken;
    }
}

package dev.sluice.functions;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The attempts that run in this process, so that one whose answer nobody waits for any more can be ended: what it waits
 * for, such as the answer of a model, is given up, and the connection to it is closed. Bounded by the requests that are
 * in flight.
 */
@Singleton
public class Attempts {
    /** By id; usually one each, two when an attempt was delivered a second time. */
    private final Map<String, Set<Running>> running = new ConcurrentHashMap<>();

    /**
     * The thread that calls begins the attempt; the same thread closes what it gets.
     *
     * @param attemptId {@code ce-id} of the request
     */
    public Running begin(String attemptId) {
        var attempt = new Running(attemptId, Thread.currentThread());
        running.compute(attemptId, (id, others) -> {
            Set<Running> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(attempt);
            return all;
        });
        return attempt;
    }

    /** Interrupts what runs under that id now; an attempt that has ended, or has not begun, is not touched. */
    public void abort(String attemptId) {
        running.getOrDefault(attemptId, Set.of()).forEach(Running::interrupt);
    }

    /** One attempt from begin to end. */
    public final class Running implements AutoCloseable {
        private final String attemptId;
        private final Thread thread;

        /** Guards {@code ended} and {@code aborted}: between looking and interrupting, the attempt must not end. */
        private final ReentrantLock lock = new ReentrantLock();

        private boolean ended;
        private boolean aborted;

        private Running(String attemptId, Thread thread) {
            this.attemptId = attemptId;
            this.thread = thread;
        }

        private void interrupt() {
            lock.lock();
            try {
                if (ended) return;
                aborted = true;
                thread.interrupt();
            } finally {
                lock.unlock();
            }
        }

        /** True once {@link Attempts#abort} has met this attempt. */
        public boolean aborted() {
            lock.lock();
            try {
                return aborted;
            } finally {
                lock.unlock();
            }
        }

        /** From now on the thread is interrupted no more, and it is not left interrupted by an abort. */
        @Override
        public void close() {
            lock.lock();
            try {
                ended = true;
                if (aborted) Thread.interrupted();
            } finally {
                lock.unlock();
            }
            running.computeIfPresent(attemptId, (id, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }
}

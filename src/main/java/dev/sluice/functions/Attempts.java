package dev.sluice.functions;

import jakarta.inject.Singleton;
import java.util.Collections;
import java.util.LinkedHashMap;
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
    /**
     * Extension of a request's event that names the one call of it, set by the front door whatever the caller says. A
     * request that did not come through the front door, in a test, goes by its {@code ce-id}.
     */
    public static final String CALL = "sluicecall";

    /** By name; one each, unless requests without a name of their own have the same id. */
    private final Map<String, Set<Running>> running = new ConcurrentHashMap<>();

    /** 1,000: the time between a request's arrival and its begin is milliseconds. */
    private static final int GONE_MAX = 1_000;

    /** Names of calls that were aborted before they began, or after they had ended; the oldest are forgotten. */
    private final Set<String> gone = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > GONE_MAX;
        }
    }));

    /**
     * The thread that calls begins the attempt; the same thread closes what it gets.
     *
     * @param call {@link #CALL} of the request
     */
    public Running begin(String call) {
        var attempt = new Running(call, Thread.currentThread());
        running.compute(call, (name, others) -> {
            Set<Running> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(attempt);
            if (gone.remove(call)) attempt.interrupt();
            return all;
        });
        return attempt;
    }

    /** Interrupts what runs under that name, or will; an attempt that has ended is not touched. */
    public void abort(String call) {
        running.compute(call, (name, all) -> {
            if (all == null) gone.add(name);
            else all.forEach(Running::interrupt);
            return all;
        });
    }

    /** One attempt from begin to end. */
    public final class Running implements AutoCloseable {
        private final String call;
        private final Thread thread;

        /** Guards {@code ended} and {@code aborted}: between looking and interrupting, the attempt must not end. */
        private final ReentrantLock lock = new ReentrantLock();

        private boolean ended;
        private boolean aborted;

        private Running(String call, Thread thread) {
            this.call = call;
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
            running.computeIfPresent(call, (name, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }
}

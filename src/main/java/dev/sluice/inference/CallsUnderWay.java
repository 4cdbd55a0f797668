package dev.sluice.inference;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The calls that this process makes for others, so that one that nobody waits for can be given up. */
final class CallsUnderWay {
    private final Map<String, Set<Call>> byName = new ConcurrentHashMap<>();

    /** One call from its arrival to its end. */
    final class Call {
        private final String name;
        private final ReentrantLock lock = new ReentrantLock();
        private Thread thread;
        private boolean abandoned;
        private boolean ended;

        private Call(String name) {
            this.name = name;
        }

        /** Interrupts it; one that has not begun does not begin. */
        void abandon() {
            lock.lock();
            try {
                abandoned = true;
                if (thread != null && !ended) thread.interrupt();
            } finally {
                lock.unlock();
            }
        }

        void run(Runnable body) {
            try {
                if (begin()) body.run();
            } finally {
                end();
            }
        }

        private boolean begin() {
            lock.lock();
            try {
                thread = Thread.currentThread();
                return !abandoned;
            } finally {
                lock.unlock();
            }
        }

        private void end() {
            lock.lock();
            try {
                ended = true;
            } finally {
                lock.unlock();
            }
            byName.computeIfPresent(name, (n, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }

    Call add(ModelCall of) {
        var call = new Call(name(of.account().run(), of.account().step(), of.key()));
        byName.compute(call.name, (name, others) -> {
            Set<Call> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(call);
            return all;
        });
        return call;
    }

    /** @return false when there is none of that name */
    boolean abandon(String run, String step, String key) {
        Set<Call> all = byName.getOrDefault(name(run, step, key), Set.of());
        all.forEach(Call::abandon);
        return !all.isEmpty();
    }

    private static String name(String run, String step, String key) {
        return run + "|" + step + "|" + key;
    }
}

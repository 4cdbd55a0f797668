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

    /**
     * @param account one without a run is nobody's to give up but that of its own connection
     * @param said what the client calls it; null: nothing
     */
    Call add(Account account, String said) {
        var call = new Call(name(account, said));
        if (account.run().isEmpty()) return call;
        byName.compute(call.name, (name, others) -> {
            Set<Call> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(call);
            return all;
        });
        return call;
    }

    /** @return false when there is none of that name */
    boolean abandon(Account account, String said) {
        Set<Call> all = byName.getOrDefault(name(account, said), Set.of());
        all.forEach(Call::abandon);
        return !all.isEmpty();
    }

    private static String name(Account account, String said) {
        return Names.join(account.run(), account.step(), said == null ? "" : said);
    }
}

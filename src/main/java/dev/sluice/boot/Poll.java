package dev.sluice.boot;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, bounded, for something that can only be asked and never tells: a foreign process or a port. */
final class Poll {
    /** 20 ms: short beside the 50 ms or more that Redis takes to start, and still below 1 % of a core. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Poll() {}

    /**
     * Asks until the answer is yes.
     *
     * @return false when {@code limit} has passed, or the thread was interrupted, before the answer was yes
     */
    static boolean until(Duration limit, BooleanSupplier question) {
        long start = System.nanoTime();
        while (!question.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos()
                    || Thread.currentThread().isInterrupted()) return false;
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }
}

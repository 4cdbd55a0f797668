package dev.sluice.functions;

import java.time.Duration;

/**
 * When a call must have ended, whatever it is made of: redirects, tokens and bodies included.
 *
 * @param endNanos on the scale of {@link System#nanoTime}
 * @param total as it was given, for messages
 */
record Deadline(long endNanos, Duration total) {
    static Deadline in(Duration total) {
        return new Deadline(System.nanoTime() + total.toNanos(), total);
    }

    /** At least one millisecond, so that it may be waited for. */
    long millisLeft() {
        return Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
    }
}

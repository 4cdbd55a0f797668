package dev.sluice.inference;

import java.time.Clock;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** What {@link Models} calls until it calls {@link Waits} itself. */
final class RetryAfter {
    private RetryAfter() {}

    /** As {@link Waits#asked}. */
    static Duration of(UnaryOperator<String> header, Clock clock) {
        return Waits.asked(header, clock);
    }
}

package dev.sluice.workflow;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code catch.retry}: when and after which wait a {@code try} begins again.
 *
 * @param delay ISO 8601 duration or the DSL's object; empty: no wait
 * @param retriesMax {@code limit.attempt.count}: begun again at most so often
 * @param attemptDuration {@code limit.attempt.duration}: longest time of one attempt
 * @param duration {@code limit.duration}: from the first attempt on; none begins later
 * @param jitterFrom a wait is longer by this at least; @param jitterTo and by this at most
 */
record RetryRule(
        Optional<Template> when,
        Optional<Template> exceptWhen,
        Optional<Template> delay,
        Backoff backoff,
        OptionalInt retriesMax,
        Optional<Template> attemptDuration,
        Optional<Template> duration,
        Optional<Template> jitterFrom,
        Optional<Template> jitterTo) {

    enum Backoff {
        CONSTANT,
        LINEAR,
        EXPONENTIAL
    }

    /** Ten years: a doubled wait must not overflow. */
    private static final Duration WAIT_MAX = Duration.ofDays(3650);

    /**
     * The wait before attempt {@code attempt + 1}, without jitter: {@code delay × 1}, {@code × n} or {@code × 2^(n-1)}.
     */
    Duration waitAfter(int attempt, Duration first) {
        double factor =
                switch (backoff) {
                    case CONSTANT -> 1;
                    case LINEAR -> attempt;
                    case EXPONENTIAL -> Math.pow(2, attempt - 1);
                };
        return Duration.ofMillis(Math.round(Math.min(first.toMillis() * factor, WAIT_MAX.toMillis())));
    }
}

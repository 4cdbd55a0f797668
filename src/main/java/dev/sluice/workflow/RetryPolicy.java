package dev.sluice.workflow;

import java.time.Duration;

/**
 * How often and after which wait a failed attempt is tried again.
 *
 * @param attemptsMax attempts of one step, the first included; at least 1
 * @param delay wait after the first failed attempt
 * @param factor each further wait is this much longer; at least 1
 * @param delayMax no wait is longer, except where the other side asked for more by Retry-After
 */
public record RetryPolicy(int attemptsMax, Duration delay, double factor, Duration delayMax) {

    /**
     * Five attempts within about 15 s: enough for a restart of a function, short enough that a person still waits for
     * it.
     */
    public static final RetryPolicy DEFAULT = new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(60));

    public RetryPolicy {
        if (attemptsMax < 1) throw new IllegalArgumentException("attemptsMax must be >= 1, was " + attemptsMax);
        if (!(factor >= 1)) throw new IllegalArgumentException("factor must be >= 1, was " + factor);
    }

    boolean allows(int attempt, Problem problem) {
        return problem.retryable() && attempt < attemptsMax;
    }

    /** The wait after attempt {@code attempt} failed. */
    Duration waitAfter(int attempt, Problem problem) {
        double millis = Math.min(delay.toMillis() * Math.pow(factor, attempt - 1), delayMax.toMillis());
        Duration own = Duration.ofMillis(Math.round(millis));
        return own.compareTo(problem.retryAfter()) >= 0 ? own : problem.retryAfter();
    }
}

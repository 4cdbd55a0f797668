package dev.sluice.workflow;

import java.time.Duration;

/**
 * How often and after which wait a failed attempt of a call is tried again.
 *
 * @param attemptsMax attempts of one step, the first included; at least 1
 * @param delay wait after the first failed attempt
 * @param factor each further wait is this much longer; at least 1
 * @param delayMax no wait is longer, except where the other side asked for more by Retry-After
 * @param jitter a wait is made longer or shorter by up to this share of itself, 0 to 1, so that attempts that failed
 *     together do not come back together
 */
public record RetryPolicy(int attemptsMax, Duration delay, double factor, Duration delayMax, double jitter) {

    /**
     * Five attempts within about 15 s: enough for a restart of a function, short enough that a person still waits for
     * it.
     */
    public static final RetryPolicy DEFAULT = new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0.2);

    public RetryPolicy {
        if (attemptsMax < 1) throw new IllegalArgumentException("attemptsMax must be >= 1, was " + attemptsMax);
        if (!(factor >= 1)) throw new IllegalArgumentException("factor must be >= 1, was " + factor);
        if (!(jitter >= 0 && jitter <= 1)) throw new IllegalArgumentException("jitter must be 0 to 1, was " + jitter);
    }

    boolean allows(int attempt, Problem problem, Node.Limits limits, long costMicros) {
        return problem.retryable()
                && attempt < limits.attempts().orElse(attemptsMax)
                && costMicros < limits.costMicros().orElse(Long.MAX_VALUE);
    }

    /**
     * The wait after attempt {@code attempt} failed.
     *
     * @param chance 0 to 1, see {@link Chance}
     */
    Duration waitAfter(int attempt, Problem problem, double chance) {
        double plain = Math.min(delay.toMillis() * Math.pow(factor, attempt - 1), delayMax.toMillis());
        Duration own = Duration.ofMillis(Math.round(plain * (1 + jitter * (2 * chance - 1))));
        return own.compareTo(problem.retryAfter()) >= 0 ? own : problem.retryAfter();
    }
}

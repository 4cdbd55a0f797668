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
 *     together do not come back together; one that was asked for is only made longer
 */
public record RetryPolicy(int attemptsMax, Duration delay, double factor, Duration delayMax, double jitter) {

    /**
     * Five attempts within about 15 s: enough for a restart of a function, short enough that a person still waits for
     * it.
     */
    public static final RetryPolicy DEFAULT = new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0.2);

    /** 1,000: at a minute each, as rates are counted, most of a day; beyond that somebody should look. */
    static final int WAITS_MAX = 1_000;

    /** 429, too many requests. */
    private static final int TOO_MANY = 429;

    public RetryPolicy {
        if (attemptsMax < 1) throw new IllegalArgumentException("attemptsMax must be >= 1, was " + attemptsMax);
        if (!(factor >= 1)) throw new IllegalArgumentException("factor must be >= 1, was " + factor);
        if (!(jitter >= 0 && jitter <= 1)) throw new IllegalArgumentException("jitter must be 0 to 1, was " + jitter);
    }

    /**
     * Whether the attempt was not made, because the other side had no room and said when to come back: 429 with
     * Retry-After. Such attempts do not count, up to {@link #WAITS_MAX} of them: a busy hour must not fail a run.
     */
    static boolean isWait(StepState.Attempts attempts, Problem problem) {
        return problem.retryable()
                && problem.status() == TOO_MANY
                && problem.retryAfter().isPositive()
                && attempts.waits() < WAITS_MAX;
    }

    /** @param attempt how many have counted */
    boolean allows(int attempt, Problem problem, Node.Limits limits, long costMicros) {
        return problem.retryable()
                && attempt < limits.attempts().orElse(attemptsMax)
                && costMicros < limits.costMicros().orElse(Long.MAX_VALUE);
    }

    /**
     * The wait after an attempt failed, never shorter than the other side asked for.
     *
     * @param attempt how many have counted, this one included
     * @param chance 0 to 1, see {@link Chance}
     */
    Duration waitAfter(int attempt, Problem problem, double chance) {
        double plain = Math.min(delay.toMillis() * Math.pow(factor, Math.max(0, attempt - 1)), delayMax.toMillis());
        double asked = problem.retryAfter().toMillis();
        // Who is to come back tomorrow has a minute to do so, and not five hours.
        double later = Math.min(asked * jitter, delayMax.toMillis()) * chance;
        return Duration.ofMillis(Math.round(Math.max(plain * (1 + jitter * (2 * chance - 1)), asked + later)));
    }
}

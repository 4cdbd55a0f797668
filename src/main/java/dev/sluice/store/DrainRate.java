package dev.sluice.store;

import java.time.Duration;

/**
 * Estimates how fast a partition drains from what this server sees when it starts runs there: what left is what was
 * accepted less what the depth grew by. What other servers start makes the estimate too low, and a wait too long.
 */
final class DrainRate {
    private static final double SECOND = 1e9;

    /** 1 s: shorter looks are mostly chance. */
    private static final double LOOK_MIN = 1;

    /** 60 s: what was seen longer ago says nothing of now. */
    private static final double LOOK_MAX = 60;

    static final Duration WAIT_MIN = Duration.ofSeconds(1);

    /** 60 s: whoever waits longer finds a queue that has run dry meanwhile. */
    static final Duration WAIT_MAX = Duration.ofSeconds(60);

    /** While nothing was seen to leave. */
    static final Duration WAIT_UNKNOWN = Duration.ofSeconds(10);

    private long since;
    private long depthThen;
    private long accepted;
    private boolean isSeen;
    private double perSecond;

    /** @param nanos any steady clock; @param depth after {@code count} runs were accepted */
    synchronized void note(long nanos, long depth, int count) {
        double elapsed = (nanos - since) / SECOND;
        accepted += count;
        if (isSeen && elapsed < LOOK_MIN) return;
        if (isSeen && elapsed <= LOOK_MAX) {
            double now = Math.max(0, accepted - (depth - depthThen)) / elapsed;
            perSecond = perSecond == 0 ? now : (perSecond + now) / 2;
        } else {
            perSecond = 0;
        }
        isSeen = true;
        since = nanos;
        depthThen = depth;
        accepted = 0;
    }

    /** How long it may take until {@code count} have left: whole seconds, 1 to 60. */
    synchronized Duration waitFor(long count) {
        if (perSecond == 0) return WAIT_UNKNOWN;
        double seconds = Math.ceil(Math.clamp(count / perSecond, WAIT_MIN.toSeconds(), WAIT_MAX.toSeconds()));
        return Duration.ofSeconds((long) seconds);
    }
}

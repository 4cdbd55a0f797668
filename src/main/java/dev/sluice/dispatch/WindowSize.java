package dev.sluice.dispatch;

/**
 * How many attempts of a function may be in flight, found by trying. Not thread-safe: see {@link Window}. Times in
 * milliseconds.
 *
 * <p>Time is cut into rounds: as many answers as the window is wide, of attempts sent within the round. A round's mean
 * latency is compared with the <em>norm</em>, the lowest mean of former rounds, which is the gradient of TCP Vegas
 * (Brakmo and Peterson, 1995) and of the limiters of Netflix' concurrency-limits: by Little's law, in flight × norm /
 * latency is what the function works on, and the rest stands in a queue before it.
 *
 * <ul>
 *   <li>Within the norm, and the window was full: it grows, by doubling until the first sign of trouble; then by 5 %
 *       near the place of the last cut, and by 40 % far from it.
 *   <li>Slower than the norm in two rounds in a row, while full: it is cut to what the function works on. <b>A cut is a
 *       test</b>: when the latency does not fall with the window, no queue was the reason, but work that takes longer
 *       by nature; then the cut is taken back and the new latency is the norm.
 *   <li>Refused (429, 503): at once × 0.85, in further round trips that meet refusals × 0.7 and × 0.5; never twice for
 *       attempts of one round trip. Where it was refused, it stays below for 20 rounds or two minutes, because a
 *       refusal costs an attempt.
 *   <li>Not full: it stays as it is, because there is nothing to learn.
 * </ul>
 */
final class WindowSize {
    /** 10: below that, one slow answer is the mean. A window below 5 waits for two round trips only. */
    private static final int SAMPLES_MIN = 10;

    /** 100 ms: pauses of collectors and schedulers are shorter, so that no round consists of one. */
    private static final long ROUND_MIN = 100;

    /** 10 % over the norm: less is not told from chance; a window of 10 has then one attempt in the queue. */
    private static final double RISE_MIN = 1.1;

    /** 20 ms more than the norm is no queue that anybody minds, and fills the gaps of a function that is fast. */
    private static final double RISE_MILLIS_MIN = 20;

    /** 1.5 standard errors of the mean, twice in a row: model calls vary by their length, which is no queue. */
    private static final double RISE_ERRORS_MIN = 1.5;

    /** Half the way down, so that one lucky round is not the norm. */
    private static final double NORM_FALL = 0.5;

    /** Slowly up while there is no queue: functions change by a little. What a queue adds, the next cut takes out. */
    private static final double NORM_RISE = 0.05;

    private static final double CUT_MAX = 0.7;

    /** A little below what the function works on, so that its queue empties and the norm is seen again. */
    private static final double CUT_BELOW = 0.95;

    private static final double[] REFUSED_FACTORS = {0.85, 0.7, 0.5};
    private static final int HOLD_ROUNDS = 20;
    /** Two minutes: where a round trip takes one, 20 of them are too long to miss that a capacity is back. */
    private static final long HOLD_MAX = 120_000;

    private static final double STEP_NEAR = 0.05;
    private static final double STEP_FAR = 0.4;
    private static final double KNEE_WIDTH = 1.5;

    /**
     * @param from size before
     * @param fallen at most this mean, in ms, is half of the fall that a queue would show
     */
    private record Cut(double from, double fallen) {}

    private final int min;
    private final int initial;
    private final int max;

    private double size;
    /** Until the first sign of trouble. */
    private boolean opening = true;

    /** What the function worked on when the window was cut last. */
    private double knee;

    /** About the lowest mean latency of a round; infinite before the first. */
    private double norm = Double.POSITIVE_INFINITY;

    private boolean slowBefore;
    private Cut cut;
    private long cutAt = Long.MIN_VALUE;

    /** Size at which the function refused; 0 when it is not known. */
    private double ceiling;

    private int roundsBelowCeiling;
    /** Round trips in a row that met refusals. */
    private int refusals;

    private long roundStartedAt;
    private int samples;
    private int timeouts;
    private double sum;
    private double sumOfSquares;

    WindowSize(int min, int initial, int max, long now) {
        this.min = min;
        this.initial = Math.clamp(initial, min, max);
        this.max = max;
        this.size = this.initial;
        beginRound(now);
    }

    int limit() {
        return (int) size;
    }

    /** @param full whether there was more to do than the window had room for */
    void answered(double latency, long now, boolean full) {
        if (now - latency < roundStartedAt) return;
        samples++;
        sum += latency;
        sumOfSquares += latency * latency;
        endRound(now, full);
    }

    void timedOut(double latency, long now, boolean full) {
        if (now - latency < roundStartedAt) return;
        timeouts++;
        endRound(now, full);
    }

    /** @param inFlight when it was refused, with it */
    void refused(double latency, long now, int inFlight) {
        // Sent before the last cut, which was for its like.
        if (now - latency < cutAt) return;
        double smaller = size * REFUSED_FACTORS[Math.min(refusals++, REFUSED_FACTORS.length - 1)];
        ceiling = Math.min(size, Math.max(inFlight, smaller + 1));
        roundsBelowCeiling = 0;
        cut = null;
        cutTo(smaller, now);
        beginRound(now);
    }

    /** After the function was down: what it can take is looked for anew, from a modest start. */
    void reopen(long now) {
        size = Math.min(size, initial);
        opening = true;
        cut = null;
        slowBefore = false;
        beginRound(now);
    }

    private void endRound(long now, boolean full) {
        int ended = samples + timeouts;
        if (ended < Math.max(limit(), Math.min(SAMPLES_MIN, 2 * limit())) || now - roundStartedAt < ROUND_MIN) return;
        refusals = 0;
        if (2 * timeouts > ended) {
            cut = null;
            cutTo(size * CUT_MAX, now);
        } else {
            judge(sum / samples, full, now);
        }
        beginRound(now);
    }

    private void beginRound(long now) {
        roundStartedAt = now;
        samples = 0;
        timeouts = 0;
        sum = 0;
        sumOfSquares = 0;
    }

    private void judge(double mean, boolean full, long now) {
        if (cut != null && full && mean > cut.fallen()) {
            size = cut.from();
            norm = mean;
        }
        cut = null;
        if (norm == Double.POSITIVE_INFINITY) norm = mean;
        boolean slow = full && isSlow(mean);
        if (!slow) norm += (mean - norm) * (mean < norm ? NORM_FALL : NORM_RISE);
        // No cut can tell here whether it is a queue: growing will.
        if (slow && limit() == min) norm = mean;
        else if (slow && slowBefore) shrink(mean, now);
        else if (slow) opening = false;
        else if (full) grow(now);
        slowBefore = slow;
    }

    private boolean isSlow(double mean) {
        double rise = mean - norm;
        double variance = Math.max(0, sumOfSquares / samples - mean * mean);
        return rise > norm * (RISE_MIN - 1)
                && rise > RISE_MILLIS_MIN
                && rise > RISE_ERRORS_MIN * Math.sqrt(variance / samples);
    }

    private void shrink(double mean, long now) {
        double from = size;
        cutTo(size * Math.max(CUT_MAX, CUT_BELOW * norm / mean), now);
        double share = (double) limit() / (int) from;
        if (share < 1) cut = new Cut(from, mean * (1 + share) / 2);
    }

    private void cutTo(double smaller, long now) {
        size = Math.max(min, smaller);
        knee = size;
        opening = false;
        cutAt = now;
    }

    private void grow(long now) {
        double grown = opening ? 2 * size : size + step();
        if (ceiling > 0 && grown >= ceiling) {
            if (roundsBelowCeiling++ < HOLD_ROUNDS && now - cutAt < HOLD_MAX) {
                size = Math.max(size, ceiling - 1);
                return;
            }
            ceiling = 0;
            grown = size + step();
        }
        size = Math.min(max, grown);
    }

    /** Around the place of the last cut small steps find the edge; far from it the edge has moved. */
    private double step() {
        double near = Math.max(1, size * STEP_NEAR);
        if (size < knee) return Math.min(Math.max(near, knee - size), size * STEP_FAR);
        if (size < knee * KNEE_WIDTH) return near;
        return Math.max(1, size * STEP_FAR);
    }
}

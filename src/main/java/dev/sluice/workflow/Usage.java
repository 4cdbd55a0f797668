package dev.sluice.workflow;

/**
 * What model calls used. All three are whole numbers, never negative.
 *
 * @param inputTokens tokens sent
 * @param outputTokens tokens generated
 * @param costMicros price in micro-dollars (1 USD = 1,000,000), rounded up once a call
 */
public record Usage(long inputTokens, long outputTokens, long costMicros) {
    public static final Usage NONE = new Usage(0, 0, 0);

    public Usage {
        if (inputTokens < 0 || outputTokens < 0 || costMicros < 0) {
            throw new IllegalArgumentException("usage must not be negative: " + inputTokens + " input tokens, "
                    + outputTokens + " output tokens, " + costMicros + " micro-dollars");
        }
    }

    /** A sum that a long cannot hold stays at the greatest long: a function may report any number. */
    public Usage plus(Usage other) {
        return new Usage(
                sum(inputTokens, other.inputTokens),
                sum(outputTokens, other.outputTokens),
                sum(costMicros, other.costMicros));
    }

    private static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}

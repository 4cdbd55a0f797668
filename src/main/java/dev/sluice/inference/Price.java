package dev.sluice.inference;

import dev.sluice.workflow.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What tokens cost.
 *
 * @param inputMicros micro-dollars per million input tokens
 * @param outputMicros micro-dollars per million output tokens
 */
record Price(long inputMicros, long outputMicros) {
    static final Price FREE = new Price(0, 0);
    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
    private static final long TOKENS = 1_000_000;

    /** From US dollars per million tokens; what is finer than a micro-dollar is rounded up. */
    static Price ofDollars(BigDecimal input, BigDecimal output) {
        return new Price(micros(input), micros(output));
    }

    private static long micros(BigDecimal dollars) {
        return dollars.multiply(MICROS).setScale(0, RoundingMode.CEILING).longValueExact();
    }

    /** Usage with its cost, rounded up once. */
    Usage usage(long inputTokens, long outputTokens) {
        long cost = Math.addExact(
                Math.multiplyExact(inputTokens, inputMicros), Math.multiplyExact(outputTokens, outputMicros));
        return new Usage(inputTokens, outputTokens, Math.ceilDiv(cost, TOKENS));
    }
}

package dev.sluice.inference;

import dev.sluice.workflow.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * What an endpoint costs: by tokens, or by the hour, or both.
 *
 * @param inputMicros micro-dollars per million input tokens
 * @param cachedMicros micro-dollars per million input tokens that the endpoint had in its prompt cache
 * @param outputMicros micro-dollars per million output tokens
 * @param hourMicros micro-dollars per hour of a dedicated endpoint; 0: it is not paid by the hour
 */
record Price(long inputMicros, long cachedMicros, long outputMicros, long hourMicros) {
    static final Price FREE = new Price(0, 0);
    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
    private static final long TOKENS = 1_000_000;
    private static final long HOUR_MILLIS = 3_600_000;

    Price {
        if (inputMicros < 0 || cachedMicros < 0 || outputMicros < 0 || hourMicros < 0) {
            throw new IllegalArgumentException("a price must not be negative");
        }
    }

    /** By tokens alone, where a cached token costs as much as any other. */
    Price(long inputMicros, long outputMicros) {
        this(inputMicros, inputMicros, outputMicros, 0);
    }

    /** From US dollars per million tokens; what is finer than a micro-dollar is rounded up. */
    static Price ofDollars(BigDecimal input, BigDecimal output) {
        return ofDollars(input, input, output, BigDecimal.ZERO);
    }

    /**
     * From US dollars, per million tokens and per hour; what is finer than a micro-dollar is rounded up.
     *
     * @throws ArithmeticException when a long cannot hold it
     */
    static Price ofDollars(BigDecimal input, BigDecimal cached, BigDecimal output, BigDecimal hour) {
        return new Price(micros(input), micros(cached), micros(output), micros(hour));
    }

    private static long micros(BigDecimal dollars) {
        return dollars.multiply(MICROS).setScale(0, RoundingMode.CEILING).longValueExact();
    }

    /** Usage with its cost, rounded up once. */
    Usage usage(long inputTokens, long outputTokens) {
        return new Usage(inputTokens, outputTokens, cost(new Tokens(inputTokens, 0, outputTokens)));
    }

    /** Micro-dollars for the tokens alone, rounded up once. The greatest long where a long cannot hold it. */
    long cost(Tokens tokens) {
        long cached = Math.clamp(tokens.cached(), 0, Math.max(0, tokens.input()));
        try {
            long input = Math.multiplyExact(Math.max(0, tokens.input()) - cached, inputMicros);
            long output = Math.multiplyExact(Math.max(0, tokens.output()), outputMicros);
            long all = Math.addExact(Math.addExact(input, Math.multiplyExact(cached, cachedMicros)), output);
            return Math.ceilDiv(all, TOKENS);
        } catch (ArithmeticException tooMuch) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Micro-dollars for the tokens, and for the share of the hour that one of {@code concurrency} places was taken;
     * each rounded up once.
     *
     * @param occupied from the request to the last byte of the answer
     * @param concurrency requests that the endpoint takes at the same time, above 0
     */
    long cost(Tokens tokens, Duration occupied, int concurrency) {
        if (concurrency <= 0) throw new IllegalArgumentException("concurrency must be above 0, is " + concurrency);
        long tokenMicros = cost(tokens);
        try {
            long hours = Math.multiplyExact(hourMicros, Math.max(0, occupied.toMillis()));
            return Math.addExact(tokenMicros, Math.ceilDiv(hours, HOUR_MILLIS * concurrency));
        } catch (ArithmeticException tooMuch) {
            return Long.MAX_VALUE;
        }
    }
}

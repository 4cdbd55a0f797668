package dev.sluice.simulator;

import java.util.Map;

/**
 * What was paid, and for what.
 *
 * @param requests that came, whatever became of them
 * @param billed answers that were written to their end
 * @param micros micro-dollars; of each answer rounded up once
 * @param cutOff answers that were not written to their end, because a connection closed
 * @param cutOffMicros what those would have cost; in {@code micros} only when they are billed
 * @param byRequest how often each request was billed, by the hash of what it asks; the model's name does not count
 * @param soundByRequest the same, of answers that fit what was asked
 * @param byKey how often what came with an {@code Idempotency-Key} was billed
 * @param microsByClientRequest what was billed for each {@code X-Client-Request-Id}
 * @param refused by status
 */
public record Billing(
        long requests,
        long billed,
        long micros,
        long inputTokens,
        long outputTokens,
        long cachedTokens,
        long cutOff,
        long cutOffMicros,
        Map<String, Integer> byRequest,
        Map<String, Integer> soundByRequest,
        Map<String, Integer> byKey,
        Map<String, Long> microsByClientRequest,
        Map<Integer, Integer> refused) {}

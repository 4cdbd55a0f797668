package dev.sluice.inference;

import java.time.Instant;

/**
 * An answer that was paid for, as the journal has it.
 *
 * @param attempt of the step that bought it; 0: not known
 * @param body of the endpoint's response, whole and as it came; JSON
 */
record Purchase(String endpoint, String model, Tokens tokens, long costMicros, int attempt, String body, Instant at) {}

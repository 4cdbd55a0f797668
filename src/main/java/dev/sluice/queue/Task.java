package dev.sluice.queue;

import java.time.Instant;

/**
 * Asks a function for one attempt of a step.
 *
 * @param step JSON pointer
 * @param attempt counted from 1
 * @param input packed: JSON text, or {@code @} and a reference (see {@code store.Payloads})
 */
public record Task(String run, String step, int attempt, String function, String input, Instant enqueuedAt) {

    /** The same for every attempt of the step, so that a function can recognise work that it has done. */
    public String idempotencyKey() {
        return run + ":" + step;
    }

    /** Names this attempt among all attempts of all runs. */
    public String attemptId() {
        return attemptId(run, step, attempt);
    }

    /** {@code <run>|<step>|<attempt>} */
    public static String attemptId(String run, String step, int attempt) {
        return run + "|" + step + "|" + attempt;
    }
}

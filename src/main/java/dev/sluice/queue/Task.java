package dev.sluice.queue;

import java.time.Duration;
import java.time.Instant;

/**
 * Asks a function for one attempt of a step.
 *
 * @param step key of the visit, see {@code workflow.Visit}
 * @param attempt counted from 1
 * @param input packed: JSON text, or {@code @} and a reference (see {@code store.Payloads})
 * @param idempotencyKey the same for every attempt of the visit, so that a function can recognise work that it has done
 * @param limit of the attempt; zero: the function's own
 * @param tellStart the run wants to know when the attempt begins
 */
public record Task(
        String run,
        String step,
        int attempt,
        String function,
        String input,
        Instant enqueuedAt,
        String idempotencyKey,
        Duration limit,
        boolean tellStart) {

    /** Names this attempt among all attempts of all runs. */
    public String attemptId() {
        return attemptId(run, step, attempt);
    }

    /** {@code <run>|<step>|<attempt>} */
    public static String attemptId(String run, String step, int attempt) {
        return run + "|" + step + "|" + attempt;
    }
}

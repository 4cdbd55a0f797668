package dev.sluice.queue;

import dev.sluice.workflow.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Asks a function for one attempt of a step.
 *
 * @param step key of the visit, see {@code workflow.Visit}
 * @param attempt counted from 1
 * @param input packed: JSON text, or {@code @} and a reference (see {@code store.Payloads})
 * @param idempotencyKey the same for every attempt of the visit, so that a function can recognise work that it has done
 * @param limit of the attempt; zero: the function's own
 * @param tellStart the run wants to know when the attempt begins
 * @param limits of its run; those of the configuration come on top, see {@link TaskLimits}
 * @param fence greater than that of every delivery before it that held a permit of the same limit; 0: it holds none
 * @param onBehalf of its run
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
        boolean tellStart,
        List<Service.Limit> limits,
        long fence,
        OnBehalf onBehalf) {

    /** Without limits, on nobody's behalf. */
    public Task(
            String run,
            String step,
            int attempt,
            String function,
            String input,
            Instant enqueuedAt,
            String idempotencyKey,
            Duration limit,
            boolean tellStart) {
        this(
                run,
                step,
                attempt,
                function,
                input,
                enqueuedAt,
                idempotencyKey,
                limit,
                tellStart,
                List.of(),
                0,
                OnBehalf.NOBODY);
    }

    Task with(List<Service.Limit> limits, long fence) {
        return new Task(
                run,
                step,
                attempt,
                function,
                input,
                enqueuedAt,
                idempotencyKey,
                limit,
                tellStart,
                limits,
                fence,
                onBehalf);
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

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * Where a run stands. Each state offers only the moves that are legal from it.
 *
 * <pre>
 * Accepted -> Running      the orchestrator took the run in
 * Running  -> Succeeded    the last step succeeded
 * Running  -> Failed       a step failed for good
 * </pre>
 */
public sealed interface RunState {

    record Accepted() implements RunState {
        Running start(Instant at) {
            return new Running(at);
        }
    }

    record Running(Instant startedAt) implements RunState {
        Succeeded succeed(JsonNode output, Instant at) {
            return new Succeeded(startedAt, at, output);
        }

        Failed fail(String step, Problem problem, Instant at) {
            return new Failed(startedAt, at, step, problem);
        }
    }

    /** @param output what the workflow's {@code output.as} made of the last step's output */
    record Succeeded(Instant startedAt, Instant endedAt, JsonNode output) implements RunState {}

    /** @param step JSON pointer of the step that failed; empty when the workflow's own input or output was at fault */
    record Failed(Instant startedAt, Instant endedAt, String step, Problem problem) implements RunState {}
}

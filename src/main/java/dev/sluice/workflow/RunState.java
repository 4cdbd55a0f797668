package dev.sluice.workflow;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a run stands. Each state offers only the moves that are legal from it.
 *
 * <pre>
 * Accepted -> Running      the orchestrator took the run in
 * Running  -> Succeeded    the last step succeeded
 * Running  -> Failed       a step failed for good; what was under way is kept for a retry
 * Running  -> Paused       by a person; back by a person
 * Running  -> Cancelling   by a person; the steps under `catch` that clean up run
 * Running, Paused, Cancelling -> Cancelled
 * Failed   -> Running      by a person: goes on from where it failed
 * </pre>
 */
public sealed interface RunState {

    record Accepted() implements RunState {
        Running start(Instant at) {
            return new Running(at);
        }
    }

    /** @param startedAt or when a person had the run go on: the workflow's {@code timeout} counts from here */
    record Running(Instant startedAt) implements RunState {
        Succeeded succeed(Value output, Instant at) {
            return new Succeeded(startedAt, at, output);
        }

        Failed fail(String step, Problem problem, Instant at) {
            return new Failed(startedAt, at, step, problem);
        }

        Paused pause(Instant at) {
            return new Paused(startedAt, at);
        }

        Cancelling cancel(String reason) {
            return new Cancelling(startedAt, reason);
        }

        Cancelled kill(String reason, Instant at) {
            return new Cancelled(Optional.of(startedAt), at, reason);
        }
    }

    record Paused(Instant startedAt, Instant pausedAt) implements RunState {
        Running resume() {
            return new Running(startedAt);
        }
    }

    /** @param reason as the person gave it; may be empty */
    record Cancelling(Instant startedAt, String reason) implements RunState {
        Cancelled end(Instant at) {
            return new Cancelled(Optional.of(startedAt), at, reason);
        }
    }

    /** @param output what the workflow's {@code output.as} made of the last step's output */
    record Succeeded(Instant startedAt, Instant endedAt, Value output) implements RunState {}

    /** @param step key of the visit that failed; empty when the workflow's own input or output was at fault */
    record Failed(Instant startedAt, Instant endedAt, String step, Problem problem) implements RunState {
        Running retry(Instant at) {
            return new Running(at);
        }
    }

    /** @param startedAt empty when the run had only been accepted */
    record Cancelled(Optional<Instant> startedAt, Instant endedAt, String reason) implements RunState {}
}

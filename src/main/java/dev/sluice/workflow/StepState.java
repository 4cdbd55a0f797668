package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * Where one step that is under way stands. A finished step has no state: what it did is in the history, so that a run
 * of 10,000 steps is not larger than one of 10.
 *
 * <pre>
 * (entered) -> InSequence              its first child is entered
 * (entered) -> InFork                  all its branches are entered
 * (any)     -> Joined                  a branch finished; gone when the last one does
 * (entered) -> Queued(1)               a call: the task is in the queue or with a function
 * Queued(n) -> (finished)              attempt n succeeded, or failed for good
 * Queued(n) -> Backoff(n)              attempt n failed and attempts remain
 * Backoff(n) -> Queued(n + 1)          the timer elapsed
 * </pre>
 *
 * Whether a queued task is with a function at this moment is known to the queue alone ({@code docs/decisions/0002}).
 */
public sealed interface StepState {

    /** A step that has not finished. */
    sealed interface Open extends StepState {
        /** The input after {@code input.from}: what {@code $input} is for the step's own expressions. */
        JsonNode input();
    }

    /** @param child JSON pointer of the step that is under way */
    record InSequence(JsonNode input, String child) implements Open {
        InSequence moveTo(String next) {
            return new InSequence(input, next);
        }
    }

    /** @param open how many branches have not finished */
    record InFork(JsonNode input, int open) implements Open {
        InFork join() {
            return new InFork(input, open - 1);
        }
    }

    /**
     * A branch that finished and waits for the others. Its own entry, so that a wide fork does not rewrite all outputs.
     */
    record Joined(JsonNode output) implements StepState {}

    /**
     * @param attempt counted from 1
     * @param arguments what the function gets; stored, so that every attempt asks for the same
     */
    record Queued(JsonNode input, JsonNode arguments, int attempt) implements Open {
        Backoff backOff(Instant dueAt) {
            return new Backoff(input, arguments, attempt, dueAt);
        }
    }

    /** @param attempt the one that failed */
    record Backoff(JsonNode input, JsonNode arguments, int attempt, Instant dueAt) implements Open {
        Queued retry() {
            return new Queued(input, arguments, attempt + 1);
        }
    }
}

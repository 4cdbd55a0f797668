package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where one step that is under way stands. A finished step has no state: what it did is in the history, so that a run
 * of 10,000 steps is not larger than one of 10.
 *
 * <pre>
 * (entered) -> InSequence              its first child is entered
 * (entered) -> InFork                  all its branches are entered
 * (entered) -> Queued(1)               a call: the task is in the queue or with a function
 * Queued(n) -> (finished)              attempt n succeeded, or failed for good
 * Queued(n) -> Backoff(n)              attempt n failed and attempts remain
 * Backoff(n) -> Queued(n + 1)          the timer elapsed
 * </pre>
 *
 * Whether a queued task is with a function at this moment is known to the queue alone ({@code docs/decisions/0002}).
 */
public sealed interface StepState {

    /** The input after {@code input.from}: what {@code $input} is for the step's own expressions. */
    JsonNode input();

    /** @param child JSON pointer of the step that is under way */
    record InSequence(JsonNode input, String child) implements StepState {
        InSequence moveTo(String next) {
            return new InSequence(input, next);
        }
    }

    /** @param outputs outputs of the branches that finished, by the branch's JSON pointer */
    record InFork(JsonNode input, Map<String, JsonNode> outputs) implements StepState {
        InFork join(String branch, JsonNode output) {
            var joined = new LinkedHashMap<>(outputs);
            joined.put(branch, output);
            return new InFork(input, joined);
        }
    }

    /**
     * @param attempt counted from 1
     * @param arguments what the function gets; stored, so that every attempt asks for the same
     */
    record Queued(JsonNode input, JsonNode arguments, int attempt) implements StepState {
        Backoff backOff(Instant dueAt) {
            return new Backoff(input, arguments, attempt, dueAt);
        }
    }

    /** @param attempt the one that failed */
    record Backoff(JsonNode input, JsonNode arguments, int attempt, Instant dueAt) implements StepState {
        Queued retry() {
            return new Queued(input, arguments, attempt + 1);
        }
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * One execution of a workflow, pinned to a revision. Immutable; only {@link Machine#advance} makes the next one.
 *
 * @param id see {@code RunId} in the queue: names the partition, so that a run is found without an index
 * @param workflow the workflow's name
 * @param revision content hash of the definition that this run started with and stays on
 * @param title what a person calls this run, from {@code document.metadata.runTitle}; may be empty
 * @param input as accepted, before {@code input.from}
 * @param context what steps exported, {@code $context}; null until the first export
 * @param steps the steps under way, by JSON pointer
 * @param usage sum over all attempts that the run took in, failed ones included
 * @param version number of events taken in. Written only by the machine.
 */
public record Run(
        String id,
        String workflow,
        String revision,
        String title,
        Instant acceptedAt,
        RunState state,
        JsonNode input,
        JsonNode context,
        Map<String, StepState> steps,
        Usage usage,
        long version) {

    Run titled(String words) {
        return new Run(id, workflow, revision, words, acceptedAt, state, input, context, steps, usage, version);
    }

    public RunStatus status() {
        return switch (state) {
            case RunState.Accepted accepted -> RunStatus.QUEUED;
            case RunState.Running running -> waits() ? RunStatus.WAITING : RunStatus.RUNNING;
            case RunState.Succeeded succeeded -> RunStatus.SUCCEEDED;
            case RunState.Failed failed -> RunStatus.FAILED;
        };
    }

    private boolean waits() {
        boolean waiting = false;
        for (StepState step : steps.values()) {
            switch (step) {
                case StepState.Queued queued -> {
                    return false;
                }
                case StepState.Backoff backoff -> waiting = true;
                case StepState.InSequence sequence -> {}
                case StepState.InFork fork -> {}
                case StepState.Joined joined -> {}
            }
        }
        return waiting;
    }
}

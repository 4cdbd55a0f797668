package dev.sluice.workflow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One execution of a workflow. Immutable; only {@link Machine} makes the next one.
 *
 * @param input as accepted, before {@code input.from}
 * @param context what steps exported, {@code $context}; null until the first export
 * @param steps the steps under way, by the key of their visit; of a run that failed, those that a retry goes on with
 * @param signals events that were sent to this run and that no step has listened for yet, the oldest first
 * @param attributes search attributes, by name
 * @param resets how often a person has set the run back to an earlier step
 * @param usage sum over all attempts that the run took in, failed ones included
 * @param version number of events taken in. Written only by the machine.
 */
public record Run(
        Identity identity,
        RunState state,
        Value input,
        Value context,
        Map<String, StepState> steps,
        List<Value> signals,
        Map<String, String> attributes,
        int resets,
        Usage usage,
        long version) {

    /** 1,000 signals that nobody listens for: more of them are a mistake of the sender, and the oldest stay. */
    public static final int SIGNALS_MAX = 1_000;

    /**
     * What a run is, from its acceptance on.
     *
     * @param id see {@code RunId} in the queue: names the partition, so that a run is found without an index
     * @param revision content hash of the definition that this run is on
     * @param title what a person calls this run, from {@code document.metadata.runTitle}; may be empty
     * @param parent the step that started it
     * @param origin id of the run that it was forked from; empty: none
     * @param service how the queue serves its tasks
     * @param startsAt when it begins at the earliest, in ms; empty: at once
     */
    public record Identity(
            String id,
            String namespace,
            String workflow,
            String revision,
            String title,
            Instant acceptedAt,
            Optional<Parent> parent,
            String origin,
            Service service,
            Optional<Instant> startsAt) {
        /** {@code namespace.name} of the workflow. */
        public String qualifiedName() {
            return namespace + "." + workflow;
        }

        Identity onRevision(String other) {
            return new Identity(id, namespace, workflow, other, title, acceptedAt, parent, origin, service, startsAt);
        }

        Identity forkedFrom(String other) {
            return new Identity(id, namespace, workflow, revision, title, acceptedAt, parent, other, service, startsAt);
        }
    }

    /** @param step key of the visit that started the run; @param attempt of it; @param await whether it waits */
    public record Parent(String run, String step, int attempt, boolean await) {}

    public String id() {
        return identity.id();
    }

    public String workflow() {
        return identity.workflow();
    }

    public String revision() {
        return identity.revision();
    }

    public RunStatus status() {
        return switch (state) {
            case RunState.Accepted accepted -> RunStatus.QUEUED;
            case RunState.Running running -> isWorking() ? RunStatus.RUNNING : RunStatus.WAITING;
            case RunState.Cancelling cancelling -> RunStatus.RUNNING;
            case RunState.Paused paused -> RunStatus.PAUSED;
            case RunState.Succeeded succeeded -> RunStatus.SUCCEEDED;
            case RunState.Failed failed -> RunStatus.FAILED;
            case RunState.Cancelled cancelled -> RunStatus.CANCELLED;
        };
    }

    private boolean isWorking() {
        for (StepState step : steps.values()) {
            if (!(step instanceof StepState.Leaf leaf)) continue;
            switch (leaf) {
                case StepState.Queued queued -> {
                    return true;
                }
                case StepState.Entering entering -> {
                    return true;
                }
                case StepState.AwaitingItems items -> {
                    return true;
                }
                case StepState.Backoff b -> {}
                case StepState.Deferred d -> {}
                case StepState.Waiting w -> {}
                case StepState.Retrying r -> {}
                case StepState.Listening l -> {}
                case StepState.AwaitingRun a -> {}
            }
        }
        return false;
    }
}

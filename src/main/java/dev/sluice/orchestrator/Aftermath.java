package dev.sluice.orchestrator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.Definitions;
import dev.sluice.store.OutboxEntry;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Schedule;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What follows for others from what a run has done: news of its life, the answer to who started it, its next run. */
@ApplicationScoped
class Aftermath {
    private final Definitions definitions;
    private final Lifecycle lifecycle;

    Aftermath(Definitions definitions, Lifecycle lifecycle) {
        this.definitions = definitions;
        this.lifecycle = lifecycle;
    }

    List<OutboxEntry> of(Run before, Run after, List<HistoryEntry> history) {
        var outbox = new ArrayList<>(lifecycle.of(before, after, history));
        if (before.status().isFinal() || !after.status().isFinal()) return outbox;
        after.identity().parent().filter(Run.Parent::await).ifPresent(parent -> outbox.add(ended(after, parent)));
        again(after, history.getLast().at()).ifPresent(outbox::add);
        return outbox;
    }

    private static OutboxEntry ended(Run run, Run.Parent parent) {
        Optional<Problem> problem = Deliveries.problem(run);
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        attributes
                .put("run", parent.run())
                .put("step", parent.step())
                .put("attempt", parent.attempt())
                .put("failed", problem.isPresent());
        Value data = problem.map(p -> Value.of(p.toJson())).orElseGet(() -> Deliveries.output(run));
        return new OutboxEntry(OutboxEntry.Kind.ENDED, attributes, data);
    }

    /** Empty also when the revision is gone, which may be why the run has failed. */
    private Optional<Schedule> schedule(Run run) {
        try {
            return definitions.revision(run.workflow(), run.revision()).schedule();
        } catch (ProblemException e) {
            if (e.problem().retryable()) throw e;
            return Optional.empty();
        }
    }

    private Optional<OutboxEntry> again(Run run, Instant endedAt) {
        return schedule(run)
                .flatMap(Schedule::after)
                .map(after -> new OutboxEntry(
                        OutboxEntry.Kind.AGAIN,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("workflow", run.identity().namespace() + "." + run.workflow())
                                .put("at", endedAt.toEpochMilli()),
                        Value.NULL));
    }
}

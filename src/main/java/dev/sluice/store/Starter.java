package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RunId;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.QueueTerms;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Service;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Starts runs whose id follows from what they are started for, so that nothing is started twice. */
@ApplicationScoped
public class Starter {
    private final Runs runs;
    private final Admission admission;
    private final Partitions partitions;
    private final Clock clock;

    Starter(Runs runs, Admission admission, Partitions partitions, Clock clock) {
        this.runs = runs;
        this.admission = admission;
        this.partitions = partitions;
        this.clock = clock;
    }

    /** The id that a run of {@code workflow} has when it is started under {@code key}. */
    public String idFor(Definition workflow, String key) {
        Partition partition = partitions.forKey(workflow.queue().group(), workflow.qualifiedName() + "\n" + key);
        return RunId.forKey(partition, workflow.qualifiedName(), key);
    }

    /**
     * @param asked what the event asks for
     * @param isOutside whether it came from outside: then it may be refused where too much waits
     * @return the run's id; Redis has the run
     * @throws dev.sluice.workflow.ProblemException SL2011 when the input does not match the workflow's schema; SL3004,
     *     SL2034, SL2035
     */
    public String startByEvent(
            Definition workflow, JsonNode input, String eventName, Service.Asked asked, boolean isOutside) {
        ObjectNode cause = JsonNodeFactory.instance.objectNode().put("kind", "event");
        cause.putArray("events").add(eventName);
        String key = "event\n" + eventName;
        if (isOutside) {
            return admission
                    .start(new Admission.Request(workflow, input, Optional.of(key), asked, Optional.of(cause)))
                    .idOrThrow();
        }
        workflow.checkInput(input);
        String runId = idFor(workflow, key);
        runs.start(workflow, runId, input, asked, Optional.of(cause), clock.instant());
        return runId;
    }

    /**
     * @param cause why it is started, see {@link Runs#cause}
     * @return the run's id; Redis has the run
     * @throws dev.sluice.workflow.ProblemException SL2011, SL3004
     */
    public String start(Definition workflow, JsonNode input, String key, Optional<ObjectNode> cause) {
        workflow.checkInput(input);
        String runId = idFor(workflow, key);
        runs.start(workflow, runId, input, Service.Asked.NOTHING, cause, clock.instant());
        return runId;
    }

    /** Those that a run may be in. */
    List<Partition> partitions() {
        return partitions.all();
    }

    /**
     * The id of the run that a step of another run starts: in the group of that run, whatever its own workflow's is.
     */
    public String childOf(String run, String step, int attempt) {
        String key = "child\n" + run + "\n" + step + "\n" + attempt;
        String group = RunId.partition(run).map(Partition::group).orElse(QueueTerms.DEFAULT_GROUP);
        return RunId.forKey(partitions.forKey(group, key), "", key);
    }

    /** @throws dev.sluice.workflow.ProblemException SL2011, SL3004 */
    public Acceptance startChild(Definition workflow, JsonNode input, Run.Parent parent) {
        workflow.checkInput(input);
        String id = childOf(parent.run(), parent.step(), parent.attempt());
        return runs.start(workflow, id, input, parent, clock.instant());
    }
}

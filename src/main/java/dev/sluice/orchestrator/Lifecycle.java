package dev.sluice.orchestrator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.Definitions;
import dev.sluice.store.OutboxEntry;
import dev.sluice.store.Payloads;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Node;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Schedule;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Value;
import dev.sluice.workflow.Visit;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The lifecycle events of the DSL (dsl-reference.md, "Lifecycle Events"), from what stands in a run's history. An
 * event's id follows from the run, its version and the place in the transition, so that a repeated one is known. The
 * optional {@code status-changed} events are not sent: each would repeat what another one says.
 */
@ApplicationScoped
class Lifecycle {
    private static final String WORKFLOW = "io.serverlessworkflow.workflow.";
    private static final String TASK = "io.serverlessworkflow.task.";

    /** What is told. */
    private enum Scope {
        NONE,
        WORKFLOWS,
        ALL
    }

    private final Definitions definitions;
    private final Scope scope;

    /**
     * @param told {@code none}, {@code workflows} or {@code all}; empty: {@code workflows} when there is a sink, else
     *     {@code none}
     */
    Lifecycle(
            Definitions definitions,
            @ConfigProperty(name = "sluice.events.lifecycle") Optional<String> told,
            @ConfigProperty(name = "sluice.events.sink") Optional<String> sink) {
        this.definitions = definitions;
        boolean hasSink = sink.filter(url -> !url.isBlank()).isPresent();
        this.scope = scope(told.orElse(hasSink ? "workflows" : "none"));
    }

    private static Scope scope(String word) {
        return switch (word) {
            case "none" -> Scope.NONE;
            case "workflows" -> Scope.WORKFLOWS;
            case "all" -> Scope.ALL;
            default ->
                throw Problem.of(
                                Code.SL1007,
                                "sluice.events.lifecycle must be none, workflows or all, was '" + word + "'")
                        .asException();
        };
    }

    List<OutboxEntry> of(Run before, Run after, List<HistoryEntry> history) {
        if (scope == Scope.NONE || history.isEmpty()) return List.of();
        Definition definition = definitions.revision(after.workflow(), after.revision());
        var telling = new Telling(before, after, definition);
        history.forEach(telling::workflow);
        if (scope == Scope.ALL) history.forEach(telling::task);
        // A workflow that any event starts would start itself for ever.
        boolean listens = definition.schedule().flatMap(Schedule::on).isPresent();
        return telling.events.stream()
                .map(event -> listens ? OutboxEntry.tell(event) : OutboxEntry.emit(event))
                .toList();
    }

    /** What one transition has to tell. */
    private static final class Telling {
        private final Run before;
        private final Run after;
        private final Definition definition;
        private final List<ObjectNode> events = new ArrayList<>();

        Telling(Run before, Run after, Definition definition) {
            this.before = before;
            this.after = after;
            this.definition = definition;
        }

        void workflow(HistoryEntry entry) {
            switch (entry.kind()) {
                case RUN_STARTED -> run("started", "startedAt", entry).set("definition", reference());
                case RUN_PAUSED -> run("suspended", "suspendedAt", entry);
                case RUN_RESUMED, RUN_RETRIED -> run("resumed", "resumedAt", entry);
                case LISTENING -> run("correlation-started", "startedAt", entry);
                case STEP_SUCCEEDED -> {
                    if (node(entry) instanceof Node.Listen) correlated(entry);
                }
                case RUN_CANCELLED -> run("cancelled", "cancelledAt", entry);
                case RUN_FAILED ->
                    run("faulted", "faultedAt", entry).set("error", entry.data().tree());
                case RUN_SUCCEEDED -> output(run("completed", "completedAt", entry), Deliveries.output(after));
                default -> {}
            }
        }

        private void correlated(HistoryEntry entry) {
            ObjectNode data = run("correlation-completed", "completedAt", entry);
            if (!(before.steps().get(entry.step()) instanceof StepState.Listening listening)) return;
            if (listening.correlations().isEmpty()) return;
            ObjectNode keys = data.putObject("correlationKeys");
            listening.correlations().forEach(keys::set);
        }

        void task(HistoryEntry entry) {
            switch (entry.kind()) {
                case STEP_ENTERED, TIMER_SET, LISTENING, CHILD_STARTED -> begun(entry);
                case TASK_QUEUED -> {
                    if (entry.attempt() <= 1) begun(entry);
                    else step("retried", "retriedAt", entry);
                }
                case TRY_RETRIED -> step("retried", "retriedAt", entry);
                case STEP_SUCCEEDED -> {
                    if (isDoneAtOnce(node(entry))) begun(entry);
                    output(step("completed", "completedAt", entry), entry.data());
                }
                case STEP_FAILED ->
                    step("faulted", "faultedAt", entry)
                            .set("error", entry.data().tree());
                case STEP_CANCELLED -> step("cancelled", "cancelledAt", entry);
                case RUN_PAUSED -> Machine.leaves(after).forEach(key -> step("suspended", "suspendedAt", key, entry));
                case RUN_RESUMED -> Machine.leaves(after).forEach(key -> step("resumed", "resumedAt", key, entry));
                default -> {}
            }
        }

        /** Nothing but the end of these stands in the history. */
        private static boolean isDoneAtOnce(Node node) {
            return node instanceof Node.Set || node instanceof Node.Switch || node instanceof Node.Emit;
        }

        private void begun(HistoryEntry entry) {
            step("created", "createdAt", entry);
            step("started", "startedAt", entry);
        }

        private Node node(HistoryEntry entry) {
            return definition.nodes().get(Visit.pointerOf(entry.step()));
        }

        private ObjectNode run(String what, String time, HistoryEntry entry) {
            return event(WORKFLOW + what + ".v1", entry.at())
                    .put("name", qualifiedName())
                    .put(time, entry.at().toString());
        }

        private ObjectNode step(String what, String time, HistoryEntry entry) {
            return step(what, time, entry.step(), entry);
        }

        private ObjectNode step(String what, String time, String key, HistoryEntry entry) {
            return event(TASK + what + ".v1", entry.at())
                    .put("workflow", qualifiedName())
                    .put("task", Visit.pointerOf(key))
                    .put(time, entry.at().toString());
        }

        private String qualifiedName() {
            return after.id() + "." + after.identity().namespace();
        }

        private ObjectNode reference() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("name", definition.name())
                    .put("namespace", definition.namespace())
                    .put("version", definition.version());
        }

        /** Left out when it is large: who wants it reads the run. */
        private static void output(ObjectNode data, Value output) {
            JsonNode tree = output.tree();
            if (tree.isNull()) return;
            int bytes = tree.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes <= Payloads.INLINE_BYTES_MAX) data.set("output", tree);
        }

        /** @return the event's data */
        private ObjectNode event(String type, Instant at) {
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            event.put("specversion", "1.0")
                    .put("id", after.id() + "-" + after.version() + "-" + events.size())
                    .put("source", "/runs/" + after.id())
                    .put("type", type)
                    .put("time", at.toString())
                    .put("datacontenttype", "application/json");
            events.add(event);
            return event.putObject("data");
        }
    }
}

package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Task;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Node;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Visit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Steps with their attempts, told from the history. */
final class StepViews {
    private final Definition definition;
    private final Map<String, Telling> steps = new LinkedHashMap<>();

    /** What is known of one step so far. */
    private static final class Telling {
        private RunStatus status = RunStatus.RUNNING;
        private final Map<Integer, Views.Attempt> attempts = new LinkedHashMap<>();
        private JsonNode output;
    }

    StepViews(Definition definition) {
        this.definition = definition;
    }

    static List<Views.Step> of(
            Definition definition, String runId, List<HistoryEntry> history, Map<String, Instant> inFlight) {
        var views = new StepViews(definition);
        history.forEach(views::tell);
        return views.steps(runId, inFlight);
    }

    /** Attempt ids, as the queue names them, of all attempts that have no result yet. */
    static List<String> open(String runId, List<HistoryEntry> history) {
        var open = new LinkedHashMap<String, String>();
        for (HistoryEntry entry : history) {
            String id = Task.attemptId(runId, entry.step(), entry.attempt());
            if (entry.kind() == HistoryEntry.Kind.TASK_QUEUED) open.put(id, id);
            else open.remove(id);
        }
        return List.copyOf(open.values());
    }

    private void tell(HistoryEntry entry) {
        if (entry.step().isEmpty() || !definition.nodes().containsKey(Visit.pointerOf(entry.step()))) return;
        Telling step = steps.computeIfAbsent(entry.step(), pointer -> new Telling());
        switch (entry.kind()) {
            case STEP_ENTERED -> step.status = RunStatus.RUNNING;
            case STEP_SKIPPED -> steps.remove(entry.step());
            case TASK_QUEUED -> {
                step.status = RunStatus.QUEUED;
                step.attempts.put(entry.attempt(), attempt(entry, RunStatus.QUEUED));
            }
            case ATTEMPT_FAILED -> {
                step.status = RunStatus.WAITING;
                step.attempts.put(entry.attempt(), attempt(entry, RunStatus.FAILED));
            }
            case STEP_SUCCEEDED -> {
                step.status = RunStatus.SUCCEEDED;
                step.output = entry.data().isNull() ? null : entry.data().tree();
                if (entry.attempt() > 0) step.attempts.put(entry.attempt(), attempt(entry, RunStatus.SUCCEEDED));
            }
            case STEP_FAILED -> step.status = RunStatus.FAILED;
            case STEP_CANCELLED -> {
                step.status = RunStatus.CANCELLED;
                step.attempts.replaceAll((number, a) -> a.endedAt() == null ? ended(a, entry.at()) : a);
            }
            case STEP_DEFERRED, TIMER_SET, LISTENING, CHILD_STARTED, TRY_RETRIED -> step.status = RunStatus.WAITING;
            case EVENT_RECEIVED, EVENT_EMITTED, ERROR_CAUGHT -> {}
            case RUN_STARTED,
                    RUN_PAUSED,
                    RUN_RESUMED,
                    RUN_RETRIED,
                    RUN_RESET,
                    RUN_FORKED,
                    RUN_MOVED,
                    RUN_CANCELLING,
                    RUN_CANCELLED,
                    RUN_SUCCEEDED,
                    RUN_FAILED -> {}
        }
    }

    private List<Views.Step> steps(String runId, Map<String, Instant> inFlight) {
        var views = new ArrayList<Views.Step>();
        steps.forEach((pointer, step) -> {
            step.attempts.replaceAll((number, attempt) -> {
                Instant since = inFlight.get(Task.attemptId(runId, pointer, number));
                if (since == null || !attempt.status().equals(RunStatus.QUEUED.word())) return attempt;
                step.status = RunStatus.RUNNING;
                return new Views.Attempt(number, since, null, RunStatus.RUNNING.word(), null, Usage.NONE);
            });
            Node node = definition.nodes().get(Visit.pointerOf(pointer));
            views.add(new Views.Step(
                    pointer,
                    node.header().name(),
                    node instanceof Node.Call call ? call.function() : null,
                    step.status.word(),
                    List.copyOf(step.attempts.values()),
                    step.output));
        });
        return views;
    }

    private static Views.Attempt attempt(HistoryEntry entry, RunStatus status) {
        boolean queued = status == RunStatus.QUEUED;
        return new Views.Attempt(
                entry.attempt(),
                queued ? null : entry.startedAt(),
                queued ? null : entry.at(),
                status.word(),
                status == RunStatus.FAILED ? entry.data().tree() : null,
                entry.usage());
    }

    private static Views.Attempt ended(Views.Attempt a, Instant at) {
        return new Views.Attempt(a.attempt(), a.startedAt(), at, RunStatus.CANCELLED.word(), null, a.usage());
    }
}

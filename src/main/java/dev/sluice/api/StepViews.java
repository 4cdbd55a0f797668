package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Lines;
import dev.sluice.queue.Task;
import dev.sluice.store.Starter;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Node;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.StepState.Open;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Visit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The visits of a run's steps with their attempts, told from the end of its history; where the run stands now has the
 * last word.
 */
final class StepViews {
    /** 500 visits: what a person looks through; a run of 100,000 steps is answered for as fast as one of 500. */
    static final int VISITS_MAX = 500;

    /** 100 steps under way that began before the part of the history that is read: the loops around the others. */
    private static final int EARLIER_MAX = 100;

    private final Definition definition;
    private final Run run;
    private final Map<String, Telling> visits = new LinkedHashMap<>();

    /** What is known of one visit so far. */
    private static final class Telling {
        private RunStatus status = RunStatus.RUNNING;
        private final Map<Integer, Views.Attempt> attempts = new LinkedHashMap<>();
        private JsonNode output;
    }

    /** @param history the end of it, at least the last entry */
    StepViews(Definition definition, Run run, List<HistoryEntry> history) {
        this.definition = definition;
        this.run = run;
        history.forEach(this::tell);
        addEarlier();
        if (!history.isEmpty()) settle(history.getLast().at());
        int surplus = visits.size() - VISITS_MAX;
        // Those under way stay, however long ago they began.
        List.copyOf(visits.keySet()).stream()
                .filter(key -> !isUnderWay(key))
                .limit(Math.max(0, surplus))
                .forEach(visits::remove);
        List.copyOf(visits.keySet()).stream()
                .limit(Math.max(0, visits.size() - VISITS_MAX))
                .forEach(visits::remove);
    }

    private boolean isUnderWay(String key) {
        return run.steps().get(key) instanceof Open;
    }

    int size() {
        return visits.size();
    }

    /** Attempt ids, as the queue names them, of the attempts that are queued or with a function. */
    List<String> open() {
        var open = new ArrayList<String>();
        if (run.status().isFinal()) return open;
        for (String key : visits.keySet()) {
            if (run.steps().get(key) instanceof StepState.Queued queued) {
                open.add(Task.attemptId(run.id(), key, queued.attempts().number()));
            }
        }
        return open;
    }

    private void tell(HistoryEntry entry) {
        if (entry.kind() == HistoryEntry.Kind.RUN_RESET) {
            visits.values().stream().filter(v -> !v.status.isFinal()).forEach(v -> cancel(v, entry.at()));
        }
        if (entry.kind() == HistoryEntry.Kind.STEP_SKIPPED) visits.remove(entry.step());
        if (!entry.isOfVisit() || !definition.nodes().containsKey(Visit.pointerOf(entry.step()))) return;
        Telling step = visits.computeIfAbsent(entry.step(), key -> new Telling());
        switch (entry.kind()) {
            case STEP_ENTERED -> step.status = RunStatus.RUNNING;
            case TASK_QUEUED -> attempted(step, entry, RunStatus.QUEUED, RunStatus.QUEUED);
            case ATTEMPT_FAILED -> attempted(step, entry, RunStatus.WAITING, RunStatus.FAILED);
            case STEP_SUCCEEDED -> {
                step.status = RunStatus.SUCCEEDED;
                step.output = entry.data().isNull() ? null : entry.data().tree();
                if (entry.attempt() > 0) step.attempts.put(entry.attempt(), attempt(entry, RunStatus.SUCCEEDED));
            }
            case STEP_FAILED -> step.status = RunStatus.FAILED;
            case STEP_CANCELLED -> cancel(step, entry.at());
            case STEP_DEFERRED -> defer(step, entry);
            case TIMER_SET, LISTENING, CHILD_STARTED, TRY_RETRIED -> step.status = RunStatus.WAITING;
            case EVENT_RECEIVED, EVENT_EMITTED, ERROR_CAUGHT, STEP_SKIPPED -> {}
            case RUN_STARTED,
                    RUN_PAUSED,
                    RUN_RESUMED,
                    RUN_RETRIED,
                    RUN_RESET,
                    RUN_FORKED,
                    RUN_MOVED,
                    RUN_DROPPED,
                    RUN_CANCELLING,
                    RUN_CANCELLED,
                    RUN_SUCCEEDED,
                    RUN_FAILED -> {}
        }
    }

    private static void attempted(Telling step, HistoryEntry entry, RunStatus now, RunStatus attempt) {
        step.status = now;
        step.attempts.put(entry.attempt(), attempt(entry, attempt));
    }

    private static void cancel(Telling step, Instant at) {
        step.status = RunStatus.CANCELLED;
        step.attempts.replaceAll((number, a) -> a.endedAt() == null ? ended(a, at) : a);
    }

    /** Steps under way of which the end of the history says nothing come first. */
    private void addEarlier() {
        var earlier = new LinkedHashMap<String, Telling>();
        for (var step : run.steps().entrySet()) {
            if (earlier.size() == EARLIER_MAX) break;
            if (!(step.getValue() instanceof Open open) || visits.containsKey(step.getKey())) continue;
            Node node = definition.nodes().get(open.visit().pointer());
            if (node == null || node.header().name().isEmpty() || node instanceof Node.Extension) continue;
            earlier.put(step.getKey(), new Telling());
        }
        earlier.putAll(visits);
        visits.clear();
        visits.putAll(earlier);
    }

    /** What the history leaves open is decided by where the run stands. */
    private void settle(Instant at) {
        boolean over = run.status().isFinal();
        Set<String> failed = failed();
        visits.forEach((key, step) -> {
            if (!over && run.steps().get(key) instanceof Open open) {
                step.status = status(open);
            } else if (!step.status.isFinal()) {
                if (failed.contains(key)) step.status = RunStatus.FAILED;
                else cancel(step, at);
            }
        });
    }

    /** The step that the run failed with, and those around it. */
    private Set<String> failed() {
        var failed = new HashSet<String>();
        if (!(run.state() instanceof RunState.Failed end)) return failed;
        String key = end.step();
        while (!key.isEmpty() && failed.add(key)) {
            key = run.steps().get(key) instanceof Open open ? open.visit().parent() : "";
        }
        return failed;
    }

    private static RunStatus status(Open open) {
        return switch (open) {
            case StepState.Queued s -> RunStatus.QUEUED;
            case StepState.Entering s -> RunStatus.RUNNING;
            case StepState.AwaitingItems s -> RunStatus.RUNNING;
            case StepState.Leaf waits -> RunStatus.WAITING;
            case Open holder -> RunStatus.RUNNING;
        };
    }

    List<Views.Step> views(Map<String, Instant> inFlight, Starter starter) {
        return views(inFlight, Map.of(), starter);
    }

    /**
     * @param inFlight which of {@link #open} are with a function, and since when
     * @param limited which of the others wait for a limit or a rate
     */
    List<Views.Step> views(Map<String, Instant> inFlight, Map<String, Lines.Wait> limited, Starter starter) {
        var waits = new Waits(definition, run, starter);
        var views = new ArrayList<Views.Step>();
        visits.forEach((key, step) -> {
            step.attempts.replaceAll((number, attempt) -> {
                Instant since = inFlight.get(Task.attemptId(run.id(), key, number));
                if (since == null || !attempt.status().equals(RunStatus.QUEUED.word())) return attempt;
                step.status = RunStatus.RUNNING;
                return new Views.Attempt(number, since, null, RunStatus.RUNNING.word(), null, Usage.NONE);
            });
            views.add(view(key, step, waits, inFlight, limited));
        });
        return views;
    }

    private Views.Step view(
            String key, Telling step, Waits waits, Map<String, Instant> inFlight, Map<String, Lines.Wait> limited) {
        String pointer = Visit.pointerOf(key);
        Node node = definition.nodes().get(pointer);
        boolean waiting = !run.status().isFinal() && run.steps().get(key) instanceof StepState.Leaf;
        String attempt = waiting && run.steps().get(key) instanceof StepState.Queued queued
                ? Task.attemptId(run.id(), key, queued.attempts().number())
                : "";
        return new Views.Step(
                key,
                pointer,
                node.header().name(),
                node instanceof Node.Call call ? call.function() : null,
                step.status.word(),
                List.copyOf(step.attempts.values()),
                step.output,
                waiting
                        ? waits.of(
                                key, (StepState.Leaf) run.steps().get(key), inFlight.get(attempt), limited.get(attempt))
                        : null);
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

    /** The function has it, since the answer that promised a result at the latest. */
    private static void defer(Telling step, HistoryEntry entry) {
        step.status = RunStatus.WAITING;
        String status = RunStatus.WAITING.word();
        step.attempts.put(
                entry.attempt(), new Views.Attempt(entry.attempt(), entry.at(), null, status, null, entry.usage()));
    }

    private static Views.Attempt ended(Views.Attempt a, Instant at) {
        return new Views.Attempt(a.attempt(), a.startedAt(), at, RunStatus.CANCELLED.word(), null, a.usage());
    }
}

package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Keys;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run as a Redis hash: {@code identity} and {@code head} (see {@link RunHead}), {@code input}, {@code context} and
 * {@code output} packed, {@code signals}, {@code hash} of the input, {@code cause} (see {@link Runs#cause}),
 * {@code version}, {@code ended} or {@code paused} when it is, and {@code s:<key of the visit>} for each step under
 * way, {@code t:<key>} for its task; {@code visits} counts the visits of steps that began. A commit writes only what
 * the transition changed, so that the cost of a step does not grow with the run.
 */
@ApplicationScoped
class RunCodec {
    private static final String STEP = "s:";

    /** @param set fields and values, alternating; @param removed fields */
    record Delta(List<String> set, List<String> removed) {}

    private final Payloads payloads;
    private final StepCodec steps;

    RunCodec(Payloads payloads, StepCodec steps) {
        this.payloads = payloads;
        this.steps = steps;
    }

    /** All fields of a run that is not in Redis yet, but for its input's. */
    Delta whole(Run run) {
        var empty = new Run(
                run.identity(),
                new RunState.Accepted(),
                run.input(),
                Value.NULL,
                Map.of(),
                List.of(),
                Map.of(),
                0,
                run.usage(),
                0);
        return delta(empty, run);
    }

    Delta delta(Run before, Run after) {
        var set = new ArrayList<>(
                List.of(RunHead.HEAD, RunHead.of(after).encode(), RunHead.VERSION, String.valueOf(after.version())));
        if (!after.identity().equals(before.identity())) {
            set.addAll(List.of(RunHead.IDENTITY, RunHead.encode(after.identity())));
        }
        var removed = new ArrayList<String>();
        mark(Keys.ENDED, before.status().isFinal(), after.status().isFinal(), set, removed);
        mark(
                Keys.PAUSED,
                before.state() instanceof RunState.Paused,
                after.state() instanceof RunState.Paused,
                set,
                removed);
        if (after.context() != before.context()) set.addAll(List.of("context", payloads.pack(after.context())));
        if (after.state() instanceof RunState.Succeeded done && !(before.state() instanceof RunState.Succeeded)) {
            set.addAll(List.of("output", payloads.pack(done.output())));
        }
        if (!after.signals().equals(before.signals())) set.addAll(List.of("signals", signals(after.signals())));
        after.steps().forEach((key, step) -> {
            if (before.steps().get(key) != step) set.addAll(List.of(STEP + key, steps.encode(step)));
        });
        before.steps().keySet().forEach(key -> {
            if (after.steps().containsKey(key)) return;
            removed.add(STEP + key);
            if (before.steps().get(key) instanceof StepState.Calling) removed.add(Keys.task(key));
        });
        return new Delta(set, removed);
    }

    private static void mark(String field, boolean was, boolean is, List<String> set, List<String> removed) {
        if (is) set.addAll(List.of(field, "1"));
        else if (was) removed.add(field);
    }

    private String signals(List<Value> signals) {
        var array = JsonNodeFactory.instance.arrayNode();
        signals.forEach(signal -> array.add(payloads.pack(signal)));
        return Json.text(array);
    }

    Run decode(Map<String, String> fields) {
        RunHead head = RunHead.decode(
                fields.get(RunHead.IDENTITY), fields.get(RunHead.HEAD), Long.parseLong(fields.get(RunHead.VERSION)));
        var under = new LinkedHashMap<String, StepState>();
        fields.forEach((field, value) -> {
            if (field.startsWith(STEP)) under.put(field.substring(STEP.length()), steps.decode(value));
        });
        var signals = new ArrayList<Value>();
        if (fields.containsKey("signals")) {
            Json.tree(fields.get("signals")).forEach(signal -> signals.add(payloads.value(signal.asText())));
        }
        return new Run(
                head.identity(),
                state(head, fields.get("output")),
                payloads.value(fields.get("input")),
                fields.containsKey("context") ? payloads.value(fields.get("context")) : Value.NULL,
                under,
                List.copyOf(signals),
                head.attributes(),
                head.resets(),
                head.usage(),
                head.version());
    }

    StepState decodeStep(String text) {
        return steps.decode(text);
    }

    private RunState state(RunHead head, String output) {
        Instant started = head.startedAt().orElse(head.identity().acceptedAt());
        Instant ended = head.endedAt().orElse(started);
        return switch (head.phase()) {
            case ACCEPTED -> new RunState.Accepted();
            case RUNNING -> new RunState.Running(started);
            case PAUSED -> new RunState.Paused(started, ended);
            case CANCELLING -> new RunState.Cancelling(started, head.reason());
            case SUCCEEDED -> new RunState.Succeeded(started, ended, payloads.value(output));
            case FAILED ->
                new RunState.Failed(
                        started, ended, head.failedStep(), head.problem().orElseThrow());
            case CANCELLED -> new RunState.Cancelled(Optional.of(started), ended, head.reason());
        };
    }

    /** Without what says nothing: no attempt, a start at the same time, no data. */
    String encode(HistoryEntry entry) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", entry.at().toEpochMilli())
                .put("kind", entry.kind().name())
                .put("step", entry.step());
        if (entry.attempt() != 0) json.put("attempt", entry.attempt());
        if (!entry.startedAt().equals(entry.at())) {
            json.put("startedAt", entry.startedAt().toEpochMilli());
        }
        if (entry.data() != Value.NULL) json.put("data", payloads.pack(entry.data()));
        EventCodec.usage(json, entry.usage());
        return Json.text(json);
    }

    HistoryEntry decodeHistory(String text) {
        JsonNode json = Json.tree(text);
        long at = json.path("at").asLong();
        return new HistoryEntry(
                Instant.ofEpochMilli(at),
                HistoryEntry.Kind.valueOf(json.path("kind").asText()),
                json.path("step").asText(),
                json.path("attempt").asInt(),
                Instant.ofEpochMilli(json.path("startedAt").asLong(at)),
                EventCodec.usage(json),
                json.has("data") ? payloads.value(json.path("data").asText()) : Value.NULL);
    }
}

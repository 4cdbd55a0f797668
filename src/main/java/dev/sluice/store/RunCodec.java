package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Keys;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.StepState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run as a Redis hash: {@code head} (see {@link RunHead}), {@code input}, {@code context} and {@code output} packed,
 * {@code hash} of the input, {@code version}, {@code ended} when it has, and {@code s:<pointer>} for each step under
 * way. A commit writes only what the transition changed, so that the cost of a step does not grow with the run.
 */
@ApplicationScoped
class RunCodec {
    private static final String STEP = "s:";

    /** @param set fields and values, alternating; @param removed fields */
    record Delta(List<String> set, List<String> removed) {}

    private final Payloads payloads;

    RunCodec(Payloads payloads) {
        this.payloads = payloads;
    }

    Delta delta(Run before, Run after) {
        var set = new ArrayList<>(
                List.of("head", RunHead.of(after).encode(), "version", String.valueOf(after.version())));
        if (after.status().isFinal()) set.addAll(List.of(Keys.ENDED, "1"));
        var removed = new ArrayList<String>();
        if (after.context() != before.context()) set.addAll(List.of("context", payloads.pack(after.context())));
        if (after.state() instanceof RunState.Succeeded done && !(before.state() instanceof RunState.Succeeded)) {
            set.addAll(List.of("output", payloads.pack(done.output())));
        }
        after.steps().forEach((pointer, step) -> {
            if (before.steps().get(pointer) != step) set.addAll(List.of(STEP + pointer, encode(step)));
        });
        before.steps().keySet().forEach(pointer -> {
            if (!after.steps().containsKey(pointer)) removed.add(STEP + pointer);
        });
        return new Delta(set, removed);
    }

    Run decode(Map<String, String> fields) {
        RunHead head = RunHead.decode(fields.get("head"));
        var steps = new LinkedHashMap<String, StepState>();
        fields.forEach((field, value) -> {
            if (field.startsWith(STEP)) steps.put(field.substring(STEP.length()), decodeStep(Json.tree(value)));
        });
        return new Run(
                head.id(),
                head.workflow(),
                head.revision(),
                head.title(),
                head.acceptedAt(),
                state(head, fields.get("output")),
                payloads.unpack(fields.get("input")),
                fields.containsKey("context") ? payloads.unpack(fields.get("context")) : NullNode.instance,
                steps,
                head.usage(),
                head.version());
    }

    private RunState state(RunHead head, String output) {
        Instant started = head.startedAt().orElse(head.acceptedAt());
        Instant ended = head.endedAt().orElse(started);
        return switch (head.status()) {
            case QUEUED -> new RunState.Accepted();
            case RUNNING, WAITING -> new RunState.Running(started);
            case SUCCEEDED -> new RunState.Succeeded(started, ended, payloads.unpack(output));
            case FAILED ->
                new RunState.Failed(
                        started, ended, head.failedStep(), head.problem().orElseThrow());
            case PAUSED, CANCELLED -> throw new IllegalStateException("no run can be " + head.status() + " yet");
        };
    }

    private String encode(StepState step) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (step instanceof StepState.Open open) json.put("input", payloads.pack(open.input()));
        switch (step) {
            case StepState.InSequence here -> json.put("state", "sequence").put("child", here.child());
            case StepState.InFork here -> json.put("state", "fork").put("open", here.open());
            case StepState.Joined here -> json.put("state", "joined").put("output", payloads.pack(here.output()));
            case StepState.Queued here ->
                json.put("state", "queued")
                        .put("attempt", here.attempt())
                        .put("arguments", payloads.pack(here.arguments()));
            case StepState.Backoff here ->
                json.put("state", "backoff")
                        .put("attempt", here.attempt())
                        .put("arguments", payloads.pack(here.arguments()))
                        .put("dueAt", here.dueAt().toEpochMilli());
        }
        return Json.text(json);
    }

    private StepState decodeStep(JsonNode json) {
        JsonNode input = json.has("input") ? payloads.unpack(json.path("input").asText()) : NullNode.instance;
        int attempt = json.path("attempt").asInt();
        return switch (json.path("state").asText()) {
            case "sequence" ->
                new StepState.InSequence(input, json.path("child").asText());
            case "fork" -> new StepState.InFork(input, json.path("open").asInt());
            case "joined" ->
                new StepState.Joined(payloads.unpack(json.path("output").asText()));
            case "queued" -> new StepState.Queued(input, arguments(json), attempt);
            case "backoff" ->
                new StepState.Backoff(
                        input,
                        arguments(json),
                        attempt,
                        Instant.ofEpochMilli(json.path("dueAt").asLong()));
            default -> throw new IllegalStateException("not the state of a step: " + json);
        };
    }

    private JsonNode arguments(JsonNode json) {
        return payloads.unpack(json.path("arguments").asText());
    }

    String encode(HistoryEntry entry) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", entry.at().toEpochMilli())
                .put("kind", entry.kind().name())
                .put("step", entry.step())
                .put("attempt", entry.attempt())
                .put("startedAt", entry.startedAt().toEpochMilli())
                .put("data", payloads.pack(entry.data()));
        EventCodec.usage(json, entry.usage());
        return Json.text(json);
    }

    HistoryEntry decodeHistory(String text) {
        JsonNode json = Json.tree(text);
        return new HistoryEntry(
                Instant.ofEpochMilli(json.path("at").asLong()),
                HistoryEntry.Kind.valueOf(json.path("kind").asText()),
                json.path("step").asText(),
                json.path("attempt").asInt(),
                Instant.ofEpochMilli(json.path("startedAt").asLong()),
                EventCodec.usage(json.path("usage")),
                payloads.unpack(json.path("data").asText()));
    }
}

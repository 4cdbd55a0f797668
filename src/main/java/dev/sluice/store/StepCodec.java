package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.StepState.Attempts;
import dev.sluice.workflow.Topic;
import dev.sluice.workflow.Value;
import dev.sluice.workflow.Visit;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * States of steps as JSON text: {@code state} and the members of the record; the visit's under {@code p} pointer,
 * {@code u} key of the enclosing visit, {@code r} rounds, {@code z} resets, {@code i} input, {@code w} raw input where
 * it is another, {@code s} since, {@code t} timeout. Times in ms since 1970; values packed.
 */
@ApplicationScoped
class StepCodec {
    private final Payloads payloads;

    StepCodec(Payloads payloads) {
        this.payloads = payloads;
    }

    String encode(StepState step) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (step instanceof StepState.Open open) visit(json, open.visit());
        switch (step) {
            case StepState.Joined s -> json.put("state", "joined").put("output", payloads.pack(s.output()));
            case StepState.Entering s -> json.put("state", "entering");
            case StepState.InSequence s -> {
                json.put("state", "sequence").put("child", s.child());
                if (s.rounds() > 0) json.put("rounds", s.rounds());
            }
            case StepState.InFork s -> texts(json.put("state", "fork").put("open", s.open()), "branches", s.branches());
            case StepState.InFor s -> loop(json, "for", s.index(), s.count(), s.items());
            case StepState.AwaitingItems s -> loop(json, "items", s.index(), s.count(), s.input());
            case StepState.Trying s -> {
                json.put("state", "trying").put("attempt", s.attempt());
                time(json, "startedAt", s.startedAt());
                s.attemptTimeoutAt().ifPresent(at -> time(json, "dueAt", at));
            }
            case StepState.Retrying s -> {
                json.put("state", "retrying").put("attempt", s.attempt());
                time(json, "startedAt", s.startedAt());
                time(json, "dueAt", s.dueAt());
            }
            case StepState.Handling s -> json.put("state", "handling").put("error", payloads.pack(s.error()));
            case StepState.Extended s ->
                json.put("state", "extended")
                        .put("phase", s.phase())
                        .put("output", payloads.pack(s.output()))
                        .put("flow", s.flow());
            case StepState.Invoking s -> json.put("state", "invoking");
            case StepState.Calling s -> calling(json, s);
            case StepState.Waiting s -> time(json.put("state", "waiting"), "dueAt", s.dueAt());
            case StepState.Listening s -> listening(json, s);
            case StepState.AwaitingRun s ->
                json.put("state", "run").put("attempt", s.attempt()).put("arguments", payloads.pack(s.arguments()));
        }
        return Json.text(json);
    }

    private void loop(ObjectNode json, String state, int index, int count, Value value) {
        json.put("state", state).put("index", index).put("count", count).put("value", payloads.pack(value));
    }

    private void calling(ObjectNode json, StepState.Calling calling) {
        json.put("arguments", payloads.pack(calling.arguments()));
        Attempts attempts = calling.attempts();
        json.put("attempt", attempts.number()).put("cost", attempts.costMicros());
        if (attempts.waits() > 0) json.put("waits", attempts.waits());
        time(json, "firstAt", attempts.firstAt());
        switch (calling) {
            case StepState.Queued s -> {
                time(json.put("state", "queued"), "queuedAt", s.queuedAt());
                s.startedAt().ifPresent(at -> time(json, "startedAt", at));
            }
            case StepState.Backoff s -> time(json.put("state", "backoff"), "dueAt", s.dueAt());
            case StepState.Deferred s -> {
                json.put("state", "deferred").put("heartbeat", s.heartbeat().toMillis());
                s.dueAt().ifPresent(at -> time(json, "dueAt", at));
            }
        }
    }

    private void listening(ObjectNode json, StepState.Listening s) {
        json.put("state", "listening");
        if (s.ending()) json.put("ending", true);
        if (s.iterating()) json.put("iterating", true);
        list(json, "consumed", s.consumed());
        list(json, "waiting", s.waiting());
        list(json, "outputs", s.outputs());
        if (!s.matched().isEmpty()) s.matched().forEach(json.putArray("matched")::add);
        if (!s.stopped().isEmpty()) s.stopped().forEach(json.putArray("stopped")::add);
        if (!s.correlations().isEmpty()) s.correlations().forEach(json.putObject("correlations")::set);
        ArrayNode topics = json.putArray("topics");
        s.topics().forEach(t -> topics.addArray().add(t.type()).add(t.from()).add(t.values()));
    }

    /** Left out when it is empty: a run that waits for years is to be small. */
    private void list(ObjectNode json, String member, Value list) {
        if (!list.tree().isArray() || !list.tree().isEmpty()) json.put(member, payloads.pack(list));
    }

    private Value list(JsonNode json, String member) {
        return json.has(member) ? value(json, member) : Value.of(JsonNodeFactory.instance.arrayNode());
    }

    /** @throws IllegalStateException when the text is no state of a step */
    StepState decode(String text) {
        JsonNode json = Json.tree(text);
        if (json.path("state").asText().equals("joined")) return new StepState.Joined(value(json, "output"));
        return open(json, visit(json));
    }

    private StepState open(JsonNode json, Visit visit) {
        int attempt = json.path("attempt").asInt();
        return switch (json.path("state").asText()) {
            case "entering" -> new StepState.Entering(visit);
            case "sequence" ->
                new StepState.InSequence(
                        visit, json.path("child").asInt(), json.path("rounds").asInt());
            case "fork" ->
                new StepState.InFork(
                        visit, texts(json.path("branches")), json.path("open").asInt());
            case "for" ->
                new StepState.InFor(
                        visit, json.path("index").asInt(), json.path("count").asInt(), value(json, "value"));
            case "items" ->
                new StepState.AwaitingItems(
                        visit, json.path("index").asInt(), json.path("count").asInt(), value(json, "value"));
            case "trying" ->
                new StepState.Trying(visit, attempt, time(json, "startedAt").orElseThrow(), time(json, "dueAt"));
            case "retrying" ->
                new StepState.Retrying(
                        visit,
                        attempt,
                        time(json, "startedAt").orElseThrow(),
                        time(json, "dueAt").orElseThrow());
            case "handling" -> new StepState.Handling(visit, value(json, "error"));
            case "extended" ->
                new StepState.Extended(
                        visit,
                        json.path("phase").asInt(),
                        value(json, "output"),
                        json.path("flow").asText());
            case "invoking" -> new StepState.Invoking(visit);
            case "waiting" -> new StepState.Waiting(visit, time(json, "dueAt").orElseThrow());
            case "listening" -> listening(json, visit);
            case "run" -> new StepState.AwaitingRun(visit, value(json, "arguments"), attempt);
            default -> calling(json, visit);
        };
    }

    /**
     * Whether a step in this state still waits for that attempt of its call. A state that does not tell is taken to.
     */
    static boolean awaits(String text, int attempt) {
        JsonNode json = Json.tree(text);
        boolean isOver = json.path("state").asText().equals("backoff");
        return !isOver && json.path("attempt").asInt(attempt) == attempt;
    }

    private StepState calling(JsonNode json, Visit visit) {
        var attempts = new Attempts(
                json.path("attempt").asInt(),
                time(json, "firstAt").orElse(visit.since()),
                json.path("cost").asLong(),
                json.path("waits").asInt());
        Value arguments = value(json, "arguments");
        Optional<Instant> dueAt = time(json, "dueAt");
        return switch (json.path("state").asText()) {
            case "queued" ->
                new StepState.Queued(
                        visit,
                        arguments,
                        attempts,
                        time(json, "queuedAt").orElse(visit.since()),
                        time(json, "startedAt"));
            case "backoff" -> new StepState.Backoff(visit, arguments, attempts, dueAt.orElseThrow());
            case "deferred" ->
                new StepState.Deferred(
                        visit,
                        arguments,
                        attempts,
                        Duration.ofMillis(json.path("heartbeat").asLong()),
                        dueAt);
            default -> throw new IllegalStateException("not the state of a step: " + json);
        };
    }

    private StepState listening(JsonNode json, Visit visit) {
        var correlations = new TreeMap<String, JsonNode>();
        json.path("correlations").properties().forEach(m -> correlations.put(m.getKey(), m.getValue()));
        var topics = new ArrayList<Topic>();
        json.path("topics")
                .forEach(t -> topics.add(new Topic(
                        t.path(0).asText(), t.path(1).asText(), t.path(2).asText())));
        return new StepState.Listening(
                visit,
                list(json, "consumed"),
                numbers(json.path("matched")),
                numbers(json.path("stopped")),
                Map.copyOf(correlations),
                list(json, "waiting"),
                list(json, "outputs"),
                List.copyOf(topics),
                json.path("ending").asBoolean(),
                json.path("iterating").asBoolean());
    }

    private void visit(ObjectNode json, Visit visit) {
        json.put("p", visit.pointer());
        if (!visit.parent().isEmpty()) json.put("u", visit.parent());
        if (!visit.path().isEmpty()) json.put("r", visit.path());
        if (visit.resets() > 0) json.put("z", visit.resets());
        json.put("i", payloads.pack(visit.input()));
        if (visit.raw() != visit.input()) json.put("w", payloads.pack(visit.raw()));
        time(json, "s", visit.since());
        visit.timeoutAt().ifPresent(at -> time(json, "t", at));
    }

    private Visit visit(JsonNode json) {
        Value input = value(json, "i");
        return new Visit(
                json.path("p").asText(),
                json.path("u").asText(),
                json.path("r").asText(),
                json.path("z").asInt(),
                json.has("w") ? value(json, "w") : input,
                input,
                time(json, "s").orElseThrow(),
                time(json, "t"));
    }

    private Value value(JsonNode json, String member) {
        return payloads.value(json.path(member).asText());
    }

    private static void time(ObjectNode json, String member, Instant at) {
        json.put(member, at.toEpochMilli());
    }

    private static Optional<Instant> time(JsonNode json, String member) {
        return json.has(member)
                ? Optional.of(Instant.ofEpochMilli(json.get(member).asLong()))
                : Optional.empty();
    }

    private static void texts(ObjectNode json, String member, List<String> texts) {
        texts.forEach(json.putArray(member)::add);
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.asText()));
        return List.copyOf(texts);
    }

    private static List<Integer> numbers(JsonNode array) {
        var numbers = new ArrayList<Integer>();
        array.forEach(number -> numbers.add(number.asInt()));
        return List.copyOf(numbers);
    }
}

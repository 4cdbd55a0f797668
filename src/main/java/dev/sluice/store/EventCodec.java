package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;

/**
 * Events as they stand in the inbox: members {@code type step attempt at startedAt usage}, times in ms since 1970,
 * usage as {@code [input tokens, output tokens, micro-dollars]}; and apart from them, packed, the output or the
 * problem.
 */
@ApplicationScoped
public class EventCodec {
    /** @param data packed; empty when the event has no payload */
    public record Encoded(String event, String data) {}

    private final Payloads payloads;

    EventCodec(Payloads payloads) {
        this.payloads = payloads;
    }

    public Encoded encode(Event event) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", event.getClass().getSimpleName());
        json.put("at", event.at().toEpochMilli());
        return switch (event) {
            case Event.RunStarted e -> new Encoded(Json.text(json), "");
            case Event.StepSucceeded e -> {
                attempt(json, e.step(), e.attempt(), e.startedAt(), e.usage());
                yield new Encoded(Json.text(json), payloads.pack(e.output()));
            }
            case Event.StepFailed e -> {
                attempt(json, e.step(), e.attempt(), e.startedAt(), e.usage());
                yield new Encoded(Json.text(json), payloads.pack(e.problem().toJson()));
            }
            case Event.BackoffElapsed e -> {
                json.put("step", e.step()).put("attempt", e.attempt());
                yield new Encoded(Json.text(json), "");
            }
        };
    }

    /** @throws IllegalStateException when the entry is not an event */
    public Event decode(String event, String data) {
        JsonNode json = Json.tree(event);
        Instant at = Instant.ofEpochMilli(json.path("at").asLong());
        String step = json.path("step").asText();
        int attempt = json.path("attempt").asInt();
        Instant startedAt = Instant.ofEpochMilli(json.path("startedAt").asLong());
        return switch (json.path("type").asText()) {
            case "RunStarted" -> new Event.RunStarted(at);
            case "StepSucceeded" ->
                new Event.StepSucceeded(step, attempt, payloads.unpack(data), usage(json.path("usage")), startedAt, at);
            case "StepFailed" ->
                new Event.StepFailed(
                        step,
                        attempt,
                        Problem.fromJson(payloads.unpack(data)),
                        usage(json.path("usage")),
                        startedAt,
                        at);
            case "BackoffElapsed" -> new Event.BackoffElapsed(step, attempt, at);
            default -> throw new IllegalStateException("not an event: " + event);
        };
    }

    static void usage(ObjectNode json, Usage usage) {
        json.putArray("usage")
                .add(usage.inputTokens())
                .add(usage.outputTokens())
                .add(usage.costMicros());
    }

    static Usage usage(JsonNode array) {
        return array.isEmpty()
                ? Usage.NONE
                : new Usage(
                        array.get(0).asLong(),
                        array.get(1).asLong(),
                        array.get(2).asLong());
    }

    private static void attempt(ObjectNode json, String step, int attempt, Instant startedAt, Usage usage) {
        json.put("step", step).put("attempt", attempt).put("startedAt", startedAt.toEpochMilli());
        usage(json, usage);
    }
}

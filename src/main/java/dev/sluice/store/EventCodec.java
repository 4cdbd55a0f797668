package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Events as they stand in the inbox: members {@code type at}, and those that the event has of {@code step attempt
 * startedAt usage timer chunk heartbeat signal reason revision failed}; times and durations in ms, usage as
 * {@code [input tokens, output tokens, micro-dollars]}. Apart from them, packed, what the event carries: an output, a
 * problem, items or a CloudEvent.
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
        json.put("type", Kind.of(event).name());
        json.put("at", event.at().toEpochMilli());
        String data = write(event, json);
        return new Encoded(Json.text(json), data);
    }

    /** @return the payload, packed */
    private String write(Event event, ObjectNode json) {
        return switch (event) {
            case Event.RunStarted e -> "";
            case Event.OfAttempt e -> writeAttempt(e, attempt(json, e.step(), e.attempt()));
            case Event.Request e -> writeRequest(e, json);
            case Event.TimerElapsed e -> {
                attempt(json.put("timer", e.timer().name()), e.step(), e.attempt());
                yield "";
            }
            case Event.ItemsLoaded e -> {
                json.put("step", e.step()).put("chunk", e.chunk());
                yield payloads.pack(e.items());
            }
            case Event.Continued e -> {
                json.put("step", e.step());
                yield "";
            }
            case Event.EventArrived e -> {
                json.put("step", e.step()).put("signal", e.signal());
                yield payloads.pack(e.event());
            }
            case Event.ChildEnded e -> {
                attempt(json.put("failed", e.problem().isPresent()), e.step(), e.attempt());
                yield e.problem().isPresent() ? payloads.pack(e.problem().get().toJson()) : payloads.pack(e.output());
            }
        };
    }

    private String writeAttempt(Event.OfAttempt event, ObjectNode json) {
        return switch (event) {
            case Event.StepSucceeded e -> {
                ran(json, e.startedAt(), e.usage());
                yield payloads.pack(e.output());
            }
            case Event.StepFailed e -> {
                ran(json, e.startedAt(), e.usage());
                yield payloads.pack(e.problem().toJson());
            }
            case Event.StepDeferred e -> {
                usage(json.put("heartbeat", e.heartbeat().toMillis()), e.usage());
                yield "";
            }
            case Event.AttemptStarted e -> "";
            case Event.HeartbeatReceived e -> "";
            case Event.TaskReturned e -> "";
        };
    }

    private String writeRequest(Event.Request event, ObjectNode json) {
        switch (event) {
            case Event.CancelRequested e -> json.put("reason", e.reason());
            case Event.KillRequested e -> json.put("reason", e.reason());
            case Event.MoveRequested e -> json.put("revision", e.revision());
            case Event.ResetRequested e -> {
                json.put("step", e.step());
                return e.input().map(payloads::pack).orElse("");
            }
            case Event.PauseRequested e -> {}
            case Event.ResumeRequested e -> {}
            case Event.RetryRequested e -> {}
            case Event.RearmRequested e -> {}
        }
        return "";
    }

    /** @throws IllegalStateException when the entry is not an event */
    public Event decode(String event, String data) {
        JsonNode json = Json.tree(event);
        Instant at = Instant.ofEpochMilli(json.path("at").asLong());
        String step = json.path("step").asText();
        int attempt = json.path("attempt").asInt();
        return switch (Kind.of(json.path("type").asText(), event)) {
            case RunStarted -> new Event.RunStarted(at);
            case StepSucceeded ->
                new Event.StepSucceeded(step, attempt, payloads.value(data), usage(json), started(json), at);
            case StepFailed -> new Event.StepFailed(step, attempt, problem(data), usage(json), started(json), at);
            case StepDeferred -> new Event.StepDeferred(step, attempt, heartbeat(json), usage(json), at);
            case AttemptStarted -> new Event.AttemptStarted(step, attempt, at);
            case HeartbeatReceived -> new Event.HeartbeatReceived(step, attempt, at);
            case TaskReturned -> new Event.TaskReturned(step, attempt, at);
            case TimerElapsed -> new Event.TimerElapsed(timer(json), step, attempt, at);
            case ItemsLoaded -> new Event.ItemsLoaded(step, json.path("chunk").asInt(), payloads.value(data), at);
            case Continued -> new Event.Continued(step, at);
            case EventArrived -> new Event.EventArrived(payloads.value(data), signal(json), step, at);
            case ChildEnded -> childEnded(json, data, step, attempt, at);
            case CancelRequested -> new Event.CancelRequested(reason(json), at);
            case KillRequested -> new Event.KillRequested(reason(json), at);
            case PauseRequested -> new Event.PauseRequested(at);
            case ResumeRequested -> new Event.ResumeRequested(at);
            case RetryRequested -> new Event.RetryRequested(at);
            case RearmRequested -> new Event.RearmRequested(at);
            case ResetRequested -> new Event.ResetRequested(step, optional(data), at);
            case MoveRequested -> new Event.MoveRequested(json.path("revision").asText(), at);
        };
    }

    private Optional<Value> optional(String data) {
        return data.isEmpty() ? Optional.empty() : Optional.of(payloads.value(data));
    }

    private static Duration heartbeat(JsonNode json) {
        return Duration.ofMillis(json.path("heartbeat").asLong());
    }

    private static Event.Timer timer(JsonNode json) {
        return Event.Timer.valueOf(json.path("timer").asText());
    }

    private static boolean signal(JsonNode json) {
        return json.path("signal").asBoolean();
    }

    private static String reason(JsonNode json) {
        return json.path("reason").asText();
    }

    private Event childEnded(JsonNode json, String data, String step, int attempt, Instant at) {
        return json.path("failed").asBoolean()
                ? new Event.ChildEnded(step, attempt, Value.NULL, Optional.of(problem(data)), at)
                : new Event.ChildEnded(step, attempt, payloads.value(data), Optional.empty(), at);
    }

    private Problem problem(String data) {
        return Problem.fromJson(payloads.unpack(data));
    }

    /** Stored in Redis: a class may get another name, these may not. */
    private enum Kind {
        RunStarted,
        StepSucceeded,
        StepFailed,
        StepDeferred,
        AttemptStarted,
        HeartbeatReceived,
        TaskReturned,
        TimerElapsed,
        ItemsLoaded,
        Continued,
        EventArrived,
        ChildEnded,
        CancelRequested,
        KillRequested,
        PauseRequested,
        ResumeRequested,
        RetryRequested,
        RearmRequested,
        ResetRequested,
        MoveRequested;

        static Kind of(Event event) {
            return switch (event) {
                case Event.RunStarted e -> RunStarted;
                case Event.StepSucceeded e -> StepSucceeded;
                case Event.StepFailed e -> StepFailed;
                case Event.StepDeferred e -> StepDeferred;
                case Event.AttemptStarted e -> AttemptStarted;
                case Event.HeartbeatReceived e -> HeartbeatReceived;
                case Event.TaskReturned e -> TaskReturned;
                case Event.TimerElapsed e -> TimerElapsed;
                case Event.ItemsLoaded e -> ItemsLoaded;
                case Event.Continued e -> Continued;
                case Event.EventArrived e -> EventArrived;
                case Event.ChildEnded e -> ChildEnded;
                case Event.CancelRequested e -> CancelRequested;
                case Event.KillRequested e -> KillRequested;
                case Event.PauseRequested e -> PauseRequested;
                case Event.ResumeRequested e -> ResumeRequested;
                case Event.RetryRequested e -> RetryRequested;
                case Event.RearmRequested e -> RearmRequested;
                case Event.ResetRequested e -> ResetRequested;
                case Event.MoveRequested e -> MoveRequested;
            };
        }

        static Kind of(String name, String event) {
            for (Kind kind : values()) {
                if (kind.name().equals(name)) return kind;
            }
            throw new IllegalStateException("not an event: " + event);
        }
    }

    /** Left out when there is none. */
    static ObjectNode usage(ObjectNode json, Usage usage) {
        if (usage.equals(Usage.NONE)) return json;
        json.putArray("usage")
                .add(usage.inputTokens())
                .add(usage.outputTokens())
                .add(usage.costMicros());
        return json;
    }

    /** @param json with a member {@code usage} */
    static Usage usage(JsonNode json) {
        JsonNode array = json.path("usage");
        return array.isEmpty()
                ? Usage.NONE
                : new Usage(
                        array.get(0).asLong(),
                        array.get(1).asLong(),
                        array.get(2).asLong());
    }

    private static Instant started(JsonNode json) {
        return Instant.ofEpochMilli(json.path("startedAt").asLong());
    }

    private static ObjectNode attempt(ObjectNode json, String step, int attempt) {
        json.put("step", step);
        if (attempt > 0) json.put("attempt", attempt);
        return json;
    }

    private static void ran(ObjectNode json, Instant startedAt, Usage usage) {
        usage(json.put("startedAt", startedAt.toEpochMilli()), usage);
    }
}

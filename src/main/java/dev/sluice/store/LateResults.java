package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Script;
import dev.sluice.queue.Task;
import dev.sluice.store.AttemptTokens.Attempt;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.StepState.Backoff;
import dev.sluice.workflow.StepState.Calling;
import dev.sluice.workflow.StepState.Deferred;
import dev.sluice.workflow.StepState.Queued;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Results that come with a token, after the function's answer. The first one for an attempt counts. */
@ApplicationScoped
public class LateResults {
    /** One day: a client that lost the answer asks again sooner. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    /** 100 entries back: an attempt that waits for its result was queued lately, unless much else goes on. */
    private static final int LOOK_BACK = 100;

    private final RedisLink redis;
    private final RunCodec codec;
    private final EventCodec events;
    private final SecretMarks secrets;

    LateResults(RedisLink redis, RunCodec codec, EventCodec events, SecretMarks secrets) {
        this.redis = redis;
        this.codec = codec;
        this.events = events;
        this.secrets = secrets;
    }

    /** What became of a result. */
    public enum Outcome {
        ACCEPTED,
        /** The same result had come before; nothing was changed. */
        REPEATED,
        /** The attempt is over, or another result had come before; nothing was changed. */
        OVER
    }

    /** Accepts a result. When this returns, Redis has it. */
    public Outcome accept(Attempt attempt, StepResult result, Instant at) {
        Optional<Partition> partition = RunId.partition(attempt.run());
        if (partition.isEmpty()) return Outcome.OVER;
        Partition p = partition.get();
        String meant = meant(result);
        // Asked first: a result that was taken in has ended the attempt.
        Response before = redis.send(Command.GET, seen(p, attempt));
        if (before != null) return before.toString().equals(meant) ? Outcome.REPEATED : Outcome.OVER;
        Optional<Calling> call = awaiting(p, attempt);
        if (call.isEmpty()) return Outcome.OVER;
        Event event = result.event(attempt.step(), attempt.number(), startedAt(p, attempt, call.get()), at);
        return post(p, attempt, redaction(call.get()).event(event), meant);
    }

    /** @return false when the attempt is over */
    public boolean heartbeat(Attempt attempt, Instant at) {
        Optional<Partition> p = RunId.partition(attempt.run());
        if (p.isEmpty() || awaiting(p.get(), attempt).isEmpty()) return false;
        return post(p.get(), attempt, new Event.HeartbeatReceived(attempt.step(), attempt.number(), at), "")
                == Outcome.ACCEPTED;
    }

    /** @param meant what the result is known by; empty: the event may come any number of times */
    private Outcome post(Partition p, Attempt attempt, Event event, String meant) {
        EventCodec.Encoded encoded = events.encode(event);
        var keys = List.of(Keys.run(p, attempt.run()), Keys.inbox(p), seen(p, attempt));
        String remembered = meant.isEmpty() ? "" : String.valueOf(REMEMBERED.toMillis());
        var args =
                List.of(attempt.run(), encoded.event(), encoded.data(), Keys.HINTS, Hint.inbox(p), remembered, meant);
        return switch (redis.run(Script.POST, keys, args).toInteger()) {
            case 1 -> Outcome.ACCEPTED;
            case 0 -> Outcome.REPEATED;
            default -> Outcome.OVER;
        };
    }

    private static String seen(Partition p, Attempt attempt) {
        return Keys.seen(p, "result\n" + Task.attemptId(attempt.run(), attempt.step(), attempt.number()));
    }

    /** The same for two results that say the same; what they cost does not count. */
    private static String meant(StepResult result) {
        JsonNode said =
                JsonNodeFactory.instance.arrayNode().add(result.failed()).add(result.data());
        return Payloads.hash(said);
    }

    /** Empty unless the run has not ended and its step waits for this attempt. Reads nothing else of the run. */
    private Optional<Calling> awaiting(Partition p, Attempt attempt) {
        Response fields = redis.send(Command.HMGET, Keys.run(p, attempt.run()), Keys.ENDED, Keys.step(attempt.step()));
        if (fields.get(0) != null || fields.get(1) == null) return Optional.empty();
        return Optional.of(codec.decodeStep(fields.get(1).toString()))
                .filter(Calling.class::isInstance)
                .map(Calling.class::cast)
                .filter(call -> !(call instanceof Backoff) && call.attempts().number() == attempt.number());
    }

    /** When the attempt began, as exactly as is known. */
    private Instant startedAt(Partition p, Attempt attempt, Calling call) {
        return switch (call) {
            case Queued queued -> queued.startedAt().orElse(queued.queuedAt());
            case Deferred deferred
            when attempt.number() > 1 ->
                queuedAt(p, attempt).orElse(deferred.attempts().firstAt());
            case Deferred deferred -> deferred.attempts().firstAt();
            case Backoff backoff -> backoff.dueAt();
        };
    }

    private Optional<Instant> queuedAt(Partition p, Attempt attempt) {
        return redis.send(Command.LRANGE, Keys.history(p, attempt.run()), -LOOK_BACK, -1).stream()
                .map(entry -> codec.decodeHistory(entry.toString()))
                .filter(entry -> entry.kind() == HistoryEntry.Kind.TASK_QUEUED
                        && entry.step().equals(attempt.step())
                        && entry.attempt() == attempt.number())
                .map(HistoryEntry::at)
                .findFirst();
    }

    private Redaction redaction(Calling call) {
        String arguments = Json.text(call.arguments().tree());
        return secrets.reveal(arguments).redaction();
    }
}

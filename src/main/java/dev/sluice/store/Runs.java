package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Ownership;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Run;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Runs in Redis, and the one door through which a run changes: {@link #start} and {@link #commit}. */
@ApplicationScoped
public class Runs {
    private static final Logger LOG = Logger.getLogger(Runs.class);

    /**
     * The events that one run took in together, and what they led to.
     *
     * @param after the same instance as {@code before} when nothing changed
     * @param entryIds inbox entries that the commit removes
     */
    public record Commit(
            Run before, Run after, List<Effect> effects, List<HistoryEntry> history, List<String> entryIds) {}

    /** What became of a commit. */
    public enum Outcome {
        COMMITTED,
        /** Another owner had taken the events in before. */
        TAKEN_BEFORE,
        /** The partition has another owner by now; nothing was written. */
        FENCED
    }

    private final RedisLink redis;
    private final RunCodec codec;
    private final EventCodec events;
    private final Payloads payloads;

    Runs(RedisLink redis, RunCodec codec, EventCodec events, Payloads payloads) {
        this.redis = redis;
        this.codec = codec;
        this.events = events;
        this.payloads = payloads;
    }

    /** What became of a start. */
    public enum Acceptance {
        ACCEPTED,
        /** The run existed with the same input; nothing was changed. */
        REPEATED,
        /** The run existed with another input; nothing was changed. */
        OTHER_INPUT
    }

    /** Accepts a run. When this returns, Redis has it. */
    public Acceptance start(Definition definition, String runId, JsonNode input, Instant at) {
        Partition p = RunId.partition(runId).orElseThrow();
        String packed = payloads.pack(input);
        var keys = List.of(Keys.run(p, runId), Keys.inbox(p), Keys.runs(p, "queued"));
        RunHead head = RunHead.of(Machine.accept(definition, runId, input, at));
        var args = List.of(
                runId,
                String.valueOf(at.toEpochMilli()),
                head.encode(),
                packed,
                Payloads.hash(input),
                events.encode(new Event.RunStarted(at)).event(),
                Keys.HINTS,
                Hint.inbox(p),
                Keys.CHANGES);
        return switch (redis.run(Script.START, keys, args).toInteger()) {
            case 1 -> {
                LOG.debugf("run=%s accepted workflow=%s revision=%s", runId, head.workflow(), head.revision());
                yield Acceptance.ACCEPTED;
            }
            case 0 -> Acceptance.REPEATED;
            default -> Acceptance.OTHER_INPUT;
        };
    }

    /** @return the runs that exist, by id */
    public Map<String, Run> load(Partition partition, Collection<String> runIds) {
        var requests = runIds.stream()
                .map(id -> RedisLink.request(Command.HGETALL, Keys.run(partition, id)))
                .toList();
        var replies = redis.sendAll(requests);
        var runs = new LinkedHashMap<String, Run>();
        int i = 0;
        for (String id : runIds) {
            Map<String, String> fields = fields(replies.get(i++));
            if (!fields.isEmpty()) runs.put(id, codec.decode(fields));
        }
        return runs;
    }

    public Optional<Run> find(String runId) {
        return RunId.partition(runId)
                .flatMap(p -> Optional.ofNullable(load(p, List.of(runId)).get(runId)));
    }

    /** Empty unless the run succeeded. Reads nothing else of the run. */
    public Optional<JsonNode> output(String runId) {
        return RunId.partition(runId)
                .map(p -> redis.send(Command.HGET, Keys.run(p, runId), "output"))
                .map(packed -> payloads.unpack(packed.toString()));
    }

    /** @param from index of the first entry, from 0 */
    public List<HistoryEntry> history(String runId, int from, int count) {
        Partition p = RunId.partition(runId).orElseThrow();
        return redis.send(Command.LRANGE, Keys.history(p, runId), from, from + count - 1).stream()
                .map(entry -> codec.decodeHistory(entry.toString()))
                .toList();
    }

    /** Which of the attempts are with a function at this moment, and since when. */
    public Map<String, Instant> inFlight(Partition partition, List<String> attemptIds) {
        if (attemptIds.isEmpty()) return Map.of();
        var args = new ArrayList<Object>(List.of(Keys.inFlight(partition)));
        args.addAll(attemptIds);
        Response replies = redis.send(Command.HMGET, args.toArray());
        var since = new HashMap<String, Instant>();
        for (int i = 0; i < attemptIds.size(); i++) {
            Response at = replies.get(i);
            if (at != null) since.put(attemptIds.get(i), Instant.ofEpochMilli(at.toLong()));
        }
        return since;
    }

    /** Commits each run by itself: all of it or nothing. */
    public List<Outcome> commit(Partition partition, long fencingToken, List<Commit> commits) {
        var calls = commits.stream().map(c -> call(partition, fencingToken, c)).toList();
        var outcomes = redis.runAll(Script.COMMIT, calls).stream()
                .map(reply -> switch (reply.toInteger()) {
                    case 1 -> Outcome.COMMITTED;
                    case 0 -> Outcome.TAKEN_BEFORE;
                    default -> Outcome.FENCED;
                })
                .toList();
        for (int i = 0; i < commits.size(); i++) {
            if (outcomes.get(i) == Outcome.COMMITTED) log(commits.get(i));
        }
        return outcomes;
    }

    private RedisLink.Call call(Partition p, long fencingToken, Commit commit) {
        Run before = commit.before();
        Run after = commit.after();
        boolean changed = before != after;
        var keys = new ArrayList<>(List.of(
                Keys.owner(p),
                Keys.inbox(p),
                Keys.run(p, after.id()),
                Keys.history(p, after.id()),
                Keys.timers(p),
                Keys.runs(p, before.status().word()),
                Keys.runs(p, after.status().word()),
                Keys.fence(p)));
        var args = new ArrayList<>(List.of(
                String.valueOf(fencingToken),
                String.valueOf(Ownership.LASTS.toMillis()),
                after.id(),
                String.valueOf(after.acceptedAt().toEpochMilli()),
                Keys.CHANGES,
                changed ? RunHead.of(after).encode() : "",
                Keys.HINTS,
                String.valueOf(before.version())));
        section(args, commit.entryIds(), 1);
        if (changed) {
            RunCodec.Delta delta = codec.delta(before, after);
            section(args, delta.set(), 2);
            section(args, delta.removed(), 1);
            section(args, commit.history().stream().map(codec::encode).toList(), 1);
            section(args, timers(commit), 2);
            section(args, tasks(p, commit, keys), 6);
        }
        return new RedisLink.Call(keys, args);
    }

    private List<String> timers(Commit commit) {
        var timers = new ArrayList<String>();
        for (Effect effect : commit.effects()) {
            if (effect instanceof Effect.SetTimer timer) {
                timers.add(String.valueOf(timer.dueAt().toEpochMilli()));
                timers.add(commit.after().id() + "\n"
                        + events.encode(timer.event()).event());
            }
        }
        return timers;
    }

    /** Adds each lane's key to {@code keys}: a script may touch only keys that it was given. */
    private List<String> tasks(Partition p, Commit commit, List<String> keys) {
        Instant now = commit.history().getLast().at();
        var tasks = new ArrayList<String>();
        for (Effect effect : commit.effects()) {
            if (effect instanceof Effect.EnqueueTask task) {
                String lane = Keys.lane(p, task.function());
                if (!keys.contains(lane)) keys.add(lane);
                tasks.addAll(List.of(
                        String.valueOf(keys.indexOf(lane) + 1),
                        Hint.task(p, task.function()),
                        task.step(),
                        String.valueOf(task.attempt()),
                        payloads.pack(task.arguments()),
                        String.valueOf(now.toEpochMilli())));
            }
        }
        return tasks;
    }

    private static void section(List<String> args, List<String> values, int width) {
        args.add(String.valueOf(values.size() / width));
        args.addAll(values);
    }

    private static void log(Commit commit) {
        if (commit.before() == commit.after()) {
            LOG.debugf(
                    "run=%s unchanged by a late or repeated event",
                    commit.after().id());
            return;
        }
        LOG.debugf(
                "run=%s from=%s to=%s version=%d",
                commit.after().id(),
                commit.before().status().word(),
                commit.after().status().word(),
                commit.after().version());
        for (HistoryEntry entry : commit.history()) {
            LOG.debugf(
                    "run=%s step=%s %s attempt=%d", commit.after().id(), entry.step(), entry.kind(), entry.attempt());
        }
    }

    private static Map<String, String> fields(Response flat) {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return fields;
    }
}

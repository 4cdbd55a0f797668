package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Place;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.queue.Script;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Service;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/** Runs in Redis, and the doors through which a run changes: {@link #start}, {@link #post} and {@link #commit}. */
@ApplicationScoped
public class Runs {
    private static final Logger LOG = Logger.getLogger(Runs.class);

    /** Field of a run's hash. Written only by {@code start.lua}. */
    private static final String CAUSE = "cause";

    /** One day: who sends the same event twice does so sooner. */
    private static final Duration NAME_REMEMBERED = Duration.ofDays(1);

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
        OTHER_INPUT,
        /** As much waits in the partition as may; nothing was changed. */
        FULL
    }

    /** Accepts a run. When this returns, Redis has it. @throws dev.sluice.workflow.ProblemException SL3004 */
    public Acceptance start(Definition definition, String runId, JsonNode input, Instant at) {
        return start(definition, runId, input, Service.Asked.NOTHING, Optional.empty(), at);
    }

    /**
     * Accepts a run that a step of another one starts; it is served as that one is.
     *
     * @param parent the step
     * @throws dev.sluice.workflow.ProblemException SL3004
     */
    public Acceptance start(Definition definition, String runId, JsonNode input, Run.Parent parent, Instant at) {
        Service.Asked served = head(parent.run())
                .map(head -> Service.Asked.like(head.identity().service()))
                .orElse(Service.Asked.NOTHING);
        return start(Machine.accept(definition, runId, input, Optional.of(parent), served, at));
    }

    /** @param cause see {@link #cause}; @throws dev.sluice.workflow.ProblemException SL3004 */
    Acceptance start(
            Definition definition,
            String runId,
            JsonNode input,
            Service.Asked asked,
            Optional<ObjectNode> cause,
            Instant at) {
        return start(new Start(Machine.accept(definition, runId, input, Optional.empty(), asked, at), cause, true));
    }

    /** Accepts a run as {@link Machine} made it for its acceptance. */
    public Acceptance start(Run accepted) {
        return start(new Start(accepted, Optional.empty(), true));
    }

    private Acceptance start(Start start) {
        Partition p = RunId.partition(start.run().id()).orElseThrow();
        var alone = new Start.Group(p, List.of(start), OptionalLong.empty());
        return startAll(List.of(alone)).getFirst().each().getFirst();
    }

    /**
     * Accepts many runs: each group in one step of Redis, all in one go. When this returns, Redis has those that were
     * accepted.
     */
    public List<Start.Taken> startAll(List<Start.Group> groups) {
        var call = new StartCall(events, payloads);
        var calls = groups.stream().map(call::of).toList();
        var taken =
                redis.runAll(Script.START, calls).stream().map(StartCall::read).toList();
        if (LOG.isDebugEnabled()) {
            for (int i = 0; i < groups.size(); i++) log(groups.get(i), taken.get(i));
        }
        return taken;
    }

    private static void log(Start.Group group, Start.Taken taken) {
        for (int i = 0; i < group.starts().size(); i++) {
            Run run = group.starts().get(i).run();
            String what = taken.each().get(i).name().toLowerCase(Locale.ROOT);
            LOG.debugf("run=%s %s workflow=%s revision=%s", run.id(), what, run.workflow(), run.revision());
        }
    }

    /** Puts the event that starts the run among the timers again. */
    void delayAgain(Run run) {
        Partition p = RunId.partition(run.id()).orElseThrow();
        String timer = run.id() + "\n" + StartCall.firstEvent(events, run.identity());
        long at = run.identity().startsAt().orElseThrow().toEpochMilli();
        redis.send(Command.ZADD, Keys.timers(p), at, timer);
    }

    /**
     * Why a run was started, if nobody asked for it: {@code kind} is {@code every}, {@code cron} or {@code after} with
     * {@code dueAt}, {@code event} or {@code events} with {@code events} (source, a line feed and id of each), or
     * {@code trigger}.
     */
    public Optional<JsonNode> cause(String runId) {
        return RunId.partition(runId)
                .map(p -> redis.send(Command.HGET, Keys.run(p, runId), CAUSE))
                .map(text -> Json.tree(text.toString()));
    }

    /**
     * Accepts a run that begins where another one was: see {@link Machine#fork}.
     *
     * @param transcript of the other run, up to that moment, so that this one can be taken back, too
     */
    public Acceptance fork(Run run, List<Effect.KeepItems> items, List<String> transcript, Instant at) {
        var kept = new ArrayList<String>();
        for (Effect.KeepItems loop : items) {
            for (int i = 0; i < loop.chunks().size(); i++) {
                kept.add(CommitCall.field(loop.step(), i + 1));
                kept.add(payloads.pack(loop.chunks().get(i)));
            }
        }
        var call = new StartCall(events, payloads);
        return fork(call.ofFork(run, codec.whole(run).set(), transcript, kept, new Event.RearmRequested(at)), run);
    }

    private Acceptance fork(RedisLink.Call call, Run run) {
        return switch (redis.run(Script.FORK, call.keys(), call.args()).toInteger()) {
            case 1 -> {
                LOG.debugf("run=%s forked workflow=%s revision=%s", run.id(), run.workflow(), run.revision());
                yield Acceptance.ACCEPTED;
            }
            case 0 -> Acceptance.REPEATED;
            default -> Acceptance.OTHER_INPUT;
        };
    }

    /** What became of an event for a run. */
    public enum Posting {
        POSTED,
        /** The same name was used before; nothing was changed. */
        REPEATED,
        UNKNOWN_RUN
    }

    /** Puts an event into a run's inbox. When this returns, Redis has it. */
    public Posting post(String runId, Event event) {
        return post(runId, event, "");
    }

    /** @param name the event is taken once under this name, within a day; empty: always */
    public Posting post(String runId, Event event, String name) {
        return post(runId, event, new Once(name, NAME_REMEMBERED, "1"));
    }

    /**
     * Lets an event be taken only once.
     *
     * @param name of the event within its run; empty: it is taken always
     * @param note what {@link #noted} tells later
     */
    public record Once(String name, Duration remembered, String note) {}

    public Posting post(String runId, Event event, Once once) {
        Optional<Partition> partition = RunId.partition(runId);
        if (partition.isEmpty()) return Posting.UNKNOWN_RUN;
        Partition p = partition.get();
        EventCodec.Encoded encoded = events.encode(event);
        var keys = List.of(Keys.run(p, runId), Keys.inbox(p), seen(p, runId, once.name()));
        var args = List.of(
                runId,
                encoded.event(),
                encoded.data(),
                Keys.HINTS,
                Hint.inbox(p),
                once.name().isEmpty() ? "" : String.valueOf(once.remembered().toMillis()),
                once.note());
        return switch (redis.run(Script.POST, keys, args).toInteger()) {
            case 1 -> Posting.POSTED;
            case 0, 2 -> Posting.REPEATED;
            default -> Posting.UNKNOWN_RUN;
        };
    }

    private static String seen(Partition p, String runId, String name) {
        return Keys.seen(p, runId + "\n" + name);
    }

    /** The note of the event that was posted under {@code name}; empty when none was, or it is forgotten. */
    public Optional<String> noted(String runId, String name) {
        return RunId.partition(runId)
                .map(p -> redis.send(Command.GET, seen(p, runId, name)))
                .map(Response::toString);
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

    /** Reads nothing else of the run. */
    public Optional<RunHead> head(String runId) {
        if (RunId.partition(runId).isEmpty()) return Optional.empty();
        return RunHead.of(redis.sendAll(List.of(RunHead.request(runId))).getFirst());
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

    /** @param entries of its history; @param visits of steps that have begun */
    public record Size(long entries, long visits) {}

    public Size size(String runId) {
        Partition p = RunId.partition(runId).orElseThrow();
        var replies = redis.sendAll(List.of(
                RedisLink.request(Command.LLEN, Keys.history(p, runId)),
                RedisLink.request(Command.HGET, Keys.run(p, runId), Keys.VISITS)));
        long visits = replies.get(1) == null ? 0 : replies.get(1).toLong();
        return new Size(replies.get(0).toLong(), visits);
    }

    /** @return the events that changed the run, in their order, as they stand in the transcript */
    public List<String> transcript(String runId) {
        Partition p = RunId.partition(runId).orElseThrow();
        return redis.send(Command.LRANGE, Keys.transcript(p, runId), 0, -1).stream()
                .map(Response::toString)
                .toList();
    }

    /** The event as it stands in the transcript. */
    public String line(Event event) {
        EventCodec.Encoded encoded = events.encode(event);
        return encoded.event() + "\n" + encoded.data();
    }

    /** Reads lines of the transcript. */
    public List<Event> events(List<String> transcript) {
        return transcript.stream()
                .map(line -> {
                    int cut = line.indexOf('\n');
                    return events.decode(line.substring(0, cut), line.substring(cut + 1));
                })
                .toList();
    }

    /** The run as it was accepted, from which its transcript leads to what it is. */
    public static Run accepted(Definition definition, Run run) {
        return Machine.acceptedAgain(definition, run);
    }

    /** Whether a step waits for that attempt. @param step its state, as it stands in the run's hash */
    public static boolean awaits(String step, int attempt) {
        return StepCodec.awaits(step, attempt);
    }

    /**
     * Where the tasks of the attempts are; those that have none are left out.
     *
     * @param attemptIds see {@link dev.sluice.queue.Task#attemptId}
     */
    public Map<String, Place> places(Partition partition, List<String> attemptIds) {
        List<Response> texts = redis.sendAll(attemptIds.stream()
                .map(id -> RedisLink.request(Command.HGET, Keys.run(partition, run(id)), Keys.task(step(id))))
                .toList());
        var places = new LinkedHashMap<String, Place>();
        for (int i = 0; i < attemptIds.size(); i++) {
            if (texts.get(i) != null)
                places.put(
                        attemptIds.get(i), Place.parse(partition, texts.get(i).toString()));
        }
        return places;
    }

    /** Which of the attempts are with a function at this moment, and since when. */
    public Map<String, Instant> inFlight(Map<String, Place> places) {
        if (places.isEmpty()) return Map.of();
        var args = new ArrayList<>(List.of(Keys.GROUP, Keys.NOBODY));
        places.values().forEach(place -> args.add(place.entryId()));
        var lanes = places.values().stream().map(Place::key).toList();
        Response held = redis.run(Script.HELD, lanes, args);
        var since = new HashMap<String, Instant>();
        int i = 0;
        for (String attempt : places.keySet()) {
            long at = held.get(i++).toLong();
            if (at >= 0) since.put(attempt, Instant.ofEpochMilli(at));
        }
        return since;
    }

    private static String run(String attemptId) {
        return attemptId.substring(0, attemptId.indexOf('|'));
    }

    private static String step(String attemptId) {
        return attemptId.substring(attemptId.indexOf('|') + 1, attemptId.lastIndexOf('|'));
    }

    private static Map<String, String> fields(Response flat) {
        var fields = new LinkedHashMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return fields;
    }
}

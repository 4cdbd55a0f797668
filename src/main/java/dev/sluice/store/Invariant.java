package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Inbox;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.store.Sleeper.Kind;
import dev.sluice.store.Sleeper.Missing;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Proves, a few hundred runs at a time and round after round, that every run that has not ended has something that will
 * wake it: an event, a task, a timer, a subscription, another run or a person. What breaks this is looked at again
 * before it is reported, and then made anew.
 */
@ApplicationScoped
public class Invariant {
    private static final Logger LOG = Logger.getLogger(Invariant.class);

    /** 10 s: any commit that was under way at the first look is done at the next. */
    static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    /** 3 looks, 20 s: late enough that no dispatcher or orchestrator can still be at it. */
    static final int REPAIRED_AT = 3;

    /** 3: what comes back after that many repairs is a defect that a repair hides. */
    private static final int REPAIRS_MAX = 3;

    /** 1,000: more of them have one reason, and that many examples tell it. */
    private static final int SLEEPERS_MAX = 1_000;

    private static final List<RunStatus> UNFINISHED = List.of(RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING);

    private final RedisLink redis;
    private final Partitions partitions;
    private final Runs runs;
    private final Clock clock;
    private final WakeCheck check;
    private final boolean repairs;
    private final int batch;
    private final Counter found;
    private final Counter repaired;
    private final AtomicInteger confirmed = new AtomicInteger();

    Invariant(
            RedisLink redis,
            Partitions partitions,
            Runs runs,
            Definitions definitions,
            Starter starter,
            EventCodec codec,
            Inbox inbox,
            Outbox outbox,
            Clock clock,
            MeterRegistry metrics,
            @ConfigProperty(name = "sluice.invariant.repair", defaultValue = "repair") String repair,
            @ConfigProperty(name = "sluice.invariant.batch", defaultValue = "300") int batch) {
        this.redis = redis;
        this.partitions = partitions;
        this.runs = runs;
        this.clock = clock;
        this.check = new WakeCheck(redis, definitions, starter, codec, inbox, outbox);
        this.repairs = repairs(repair);
        this.batch = batch;
        this.found = Counter.builder("sluice.invariant.findings")
                .description("Runs that were found without anything that wakes them")
                .register(metrics);
        this.repaired = Counter.builder("sluice.invariant.repairs")
                .description("Runs that were asked to make anew what wakes them")
                .register(metrics);
        metrics.gauge("sluice.runs.without.wakeup", confirmed);
    }

    private static boolean repairs(String setting) {
        return switch (setting) {
            case "repair" -> true;
            case "report" -> false;
            default ->
                throw Problem.of(
                                Code.SL1007,
                                "sluice.invariant.repair must be 'repair' or 'report', was '" + setting + "'")
                        .asException();
        };
    }

    /** One step: looks again at what seemed to sleep, then at the next few hundred runs. */
    public void step() {
        Instant now = clock.instant();
        for (Sleeper sleeper : sleepers()) {
            if (!sleeper.lookedAt().plus(LOOK_AGAIN).isAfter(now)) lookAgain(sleeper, now);
        }
        walk(now);
        refresh();
    }

    /** Brings the gauge up to date, in a process that leaves the steps to another. */
    public void refresh() {
        confirmed.set((int) findings().stream()
                .filter(sleeper -> sleeper.missing().kind() != Kind.OPEN_ENDED)
                .count());
    }

    private void lookAgain(Sleeper sleeper, Instant now) {
        Partition p = RunId.partition(sleeper.run()).orElseThrow();
        Missing missing =
                isListed(p, sleeper.run()) ? missing(p, List.of(sleeper.run())).get(sleeper.run()) : null;
        if (missing == null) {
            redis.send(Command.HDEL, Keys.sleepers(), sleeper.run());
            if (sleeper.isConfirmed()) LOG.infof("run=%s will wake again", sleeper.run());
            return;
        }
        Sleeper again = sleeper.again(missing, now);
        if (again.looks() == 2) report(again);
        boolean due = repairs && again.looks() >= REPAIRED_AT && again.repairs() < REPAIRS_MAX;
        if (due && missing.kind() == Kind.REPAIRABLE && repair(again.run(), now)) again = again.repaired();
        redis.send(Command.HSET, Keys.sleepers(), again.run(), again.encode());
    }

    private void report(Sleeper sleeper) {
        if (sleeper.missing().kind() == Kind.OPEN_ENDED) return;
        found.increment();
        LOG.errorf(
                "run=%s step=%s nothing will wake it: %s is missing since %s",
                sleeper.run(), sleeper.missing().step(), sleeper.missing().what(), sleeper.since());
    }

    private boolean isListed(Partition p, String run) {
        return redis
                .sendAll(UNFINISHED.stream()
                        .map(status -> RedisLink.request(Command.ZSCORE, Keys.runs(p, status.word()), run))
                        .toList())
                .stream()
                .anyMatch(java.util.Objects::nonNull);
    }

    private Map<String, Missing> missing(Partition p, List<String> ids) {
        var missing = new LinkedHashMap<String, Missing>();
        Map<String, Run> loaded = check.load(runs, p, ids, missing);
        check.missing(p, loaded).forEach(missing::putIfAbsent);
        return missing;
    }

    /**
     * How far the round is.
     *
     * @param slot which status of which partition, from 0
     * @param cursor of Redis within it
     * @param runs looked at in this round
     * @param last when the round before ended, and how many runs it saw; null before the first has
     */
    private record Place(int slot, String cursor, long runs, JsonNode last) {
        private static Place read(Response stored) {
            JsonNode json = Json.tree(stored == null ? "{}" : stored.toString());
            return new Place(
                    json.path("slot").asInt(),
                    json.path("cursor").asText("0"),
                    json.path("runs").asLong(),
                    json.path("last"));
        }

        private String encode() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("slot", slot).put("cursor", cursor).put("runs", runs);
            if (last.isObject()) json.set("last", last);
            return Json.text(json);
        }
    }

    private void walk(Instant now) {
        Place place = place();
        List<Partition> all = partitions.all();
        int slots = UNFINISHED.size() * all.size();
        int seen = 0;
        for (int i = 0; i < slots && seen < batch; i++) {
            int slot = place.slot() % slots;
            Partition p = all.get(slot / UNFINISHED.size());
            String index = Keys.runs(p, UNFINISHED.get(slot % UNFINISHED.size()).word());
            Response page = redis.send(Command.ZSCAN, index, place.cursor(), "COUNT", batch);
            seen += look(p, page.get(1), now);
            place = next(place, page.get(0).toString(), page.get(1).size() / 2, slots, now);
        }
        redis.send(Command.SET, Keys.cursor("invariant"), place.encode());
    }

    private static Place next(Place place, String cursor, int seen, int slots, Instant now) {
        long runs = place.runs() + seen;
        if (!cursor.equals("0")) return new Place(place.slot(), cursor, runs, place.last());
        if (place.slot() + 1 < slots) return new Place(place.slot() + 1, "0", runs, place.last());
        return new Place(
                0,
                "0",
                0,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("endedAt", now.toString())
                        .put("runs", runs));
    }

    private int look(Partition p, Response members, Instant now) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < members.size(); i += 2) ids.add(members.get(i).toString());
        if (ids.isEmpty()) return 0;
        Map<String, Missing> missing = missing(p, ids);
        if (missing.isEmpty()) return ids.size();
        int known = redis.send(Command.HLEN, Keys.sleepers()).toInteger();
        for (var entry : missing.entrySet()) {
            if (known++ >= SLEEPERS_MAX) break;
            var sleeper = new Sleeper(entry.getKey(), entry.getValue(), now, now, 1, 0);
            redis.send(Command.HSETNX, Keys.sleepers(), sleeper.run(), sleeper.encode());
        }
        return ids.size();
    }

    private Place place() {
        return Place.read(redis.send(Command.GET, Keys.cursor("invariant")));
    }

    private List<Sleeper> sleepers() {
        var sleepers = new ArrayList<Sleeper>();
        Response flat = redis.send(Command.HGETALL, Keys.sleepers());
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            sleepers.add(Sleeper.decode(flat.get(i).toString(), flat.get(i + 1).toString()));
        }
        sleepers.sort(Comparator.comparing(Sleeper::since).thenComparing(Sleeper::run));
        return sleepers;
    }

    /** The runs that were seen asleep at least twice, the longest first; at most 1,000. */
    public List<Sleeper> findings() {
        return sleepers().stream().filter(Sleeper::isConfirmed).toList();
    }

    /** Of the last whole round: {@code endedAt}, {@code runs}; empty before the first. */
    public Optional<JsonNode> lastRound() {
        return Optional.of(place().last()).filter(JsonNode::isObject);
    }

    /**
     * Asks a run to make anew whatever wakes it. Harmless to a run that sleeps well: at most a function is asked a
     * second time.
     *
     * @throws dev.sluice.workflow.ProblemException SL2002, SL2019 when it has ended or is paused
     */
    public void repair(String runId) {
        Run run = runs.find(runId)
                .orElseThrow(() -> Problem.of(Code.SL2002, "there is no run '" + runId + "'")
                        .asException());
        boolean rests = run.status().isFinal() || run.state() instanceof RunState.Paused;
        if (rests) {
            throw Problem.of(
                            Code.SL2019,
                            "run " + runId + " is " + run.status().word().toLowerCase(Locale.ROOT)
                                    + ": nothing is to wake it")
                    .asException();
        }
        repair(run, clock.instant());
    }

    private boolean repair(String runId, Instant now) {
        return runs.find(runId).map(run -> repair(run, now)).orElse(false);
    }

    private boolean repair(Run run, Instant now) {
        boolean accepted = run.state() instanceof RunState.Accepted;
        boolean later = run.identity().startsAt().filter(at -> at.isAfter(now)).isPresent();
        if (accepted && later) runs.delayAgain(run);
        else runs.post(run.id(), accepted ? new Event.RunStarted(now) : new Event.RearmRequested(now));
        repaired.increment();
        LOG.warnf("run=%s is asked to make anew what wakes it", run.id());
        return true;
    }
}

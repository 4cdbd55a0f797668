package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.store.Invariant;
import dev.sluice.store.Provers;
import dev.sluice.store.Sleeper;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What wakes a run is taken from Redis by hand; then it must be found, and made anew. */
class InvariantTest {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final String CALL = "do: [ { x: { call: f } } ]";
    private static final String WAIT = "do: [ { x: { wait: PT1H } } ]";
    private static final String LISTEN = "do: [ { x: { listen: { to: { one: { with: { type: go } } } } } } ]";
    private static final String CHILD =
            "do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]";
    private static final String LOOP =
            "do: [ { l: { for: { in: '${ [range(250)] }' }, do: [ { x: { set: { a: 1 } } } ] } } ]";

    private final Rig rig = new Rig();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Invariant invariant = invariant("repair");

    private Invariant invariant(String repair) {
        return Provers.invariant(rig.store, rig.definitions, rig.clock, metrics, repair);
    }

    /** Looks so often, each time some seconds later. */
    private void look(int times) {
        for (int i = 0; i < times; i++) {
            invariant.step();
            rig.clock.advance(PAUSE);
        }
    }

    private List<Sleeper> findings() {
        return invariant.findings();
    }

    private void delete(String keyPattern) {
        for (String key : rig.store.redis.keys(keyPattern)) rig.store.redis.send(Command.DEL, key);
    }

    /** Found at the second look, and not before; repaired at the third, and well afterwards. */
    private void isFoundAndRepaired(String run, String missing) {
        look(1);
        assertThat(findings()).isEmpty();
        look(1);
        assertThat(findings()).singleElement().satisfies(s -> {
            assertThat(s.run()).isEqualTo(run);
            assertThat(s.missing().what()).contains(missing);
        });
        assertThat(metrics.get("sluice.runs.without.wakeup").gauge().value()).isEqualTo(1);
        look(1);
        rig.settle();
        look(1);
        assertThat(findings()).isEmpty();
        assertThat(metrics.get("sluice.invariant.repairs").counter().count()).isEqualTo(1);
        assertThat(metrics.get("sluice.invariant.findings").counter().count()).isEqualTo(1);
    }

    @Test
    void aLostTaskIsFoundAndQueuedAnew() {
        String run = rig.started(CALL);
        rig.store.redis.send(Command.XTRIM, Keys.lane(P, "f"), "MAXLEN", 0);
        isFoundAndRepaired(run, "task 1 of function 'f'");
        rig.answer(rig.take("f").getFirst(), "{}");
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aTaskThatADispatcherHasIsNotLost() {
        rig.started(CALL);
        rig.take("f");
        look(3);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aLostTimerIsFoundAndSetAnew() {
        String run = rig.started(WAIT);
        delete(Keys.timers(P));
        isFoundAndRepaired(run, "timer WAIT");
        rig.advance(Duration.ofHours(1));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void theLostTimeLimitOfARunThatWouldWakeOtherwiseIsFoundToo() {
        String run = rig.started("timeout: { after: PT2H }\n" + CALL);
        delete(Keys.timers(P));
        isFoundAndRepaired(run, "timer RUN_TIMEOUT");
    }

    @Test
    void aLostSubscriptionIsFoundAndMadeAnew() {
        String run = rig.started(LISTEN);
        delete("sluice:{" + P.tag() + "}:listen:*");
        delete("sluice:{" + P.tag() + "}:correlate:*");
        isFoundAndRepaired(run, "subscription to events of type 'go'");
        rig.publish(SchedulesTest.event("1", "go", "{}"));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aChildThatIsLostIsFoundAndStartedAnew() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        String child = rig.runsOf("child").getFirst();
        for (var p : rig.store.redis.partitions.all()) {
            delete(Keys.run(p, child));
            delete(Keys.runs(p, "running"));
        }
        isFoundAndRepaired(run, "run " + child);
        assertThat(rig.runsOf("child")).containsExactly(child);
    }

    @Test
    void theLostWordOfAChildsEndIsFoundAndGivenAgain() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        // Until the two are apart, so that one partition can rest while the other goes on.
        while (rig.take("f").getFirst().partition().equals(P)) run = rig.started(CHILD);
        lastChildEnds();
        rig.store.redis.send(Command.XTRIM, Keys.inbox(P), "MAXLEN", 0);
        rig.store.redis.send(Command.DEL, Keys.owner(P));
        isFoundAndRepaired(run, "word of its end");
        assertThat(rig.output(run)).isEqualTo(json("{a: 1}"));
    }

    /** The child ends; its parent's partition has another owner meanwhile. */
    private void lastChildEnds() {
        rig.store.redis.ownership.take(P);
        Partition other = rig.store.redis.partitions.all().get(1);
        rig.store.redis.endLeases(other);
        Delivery task = rig.store.redis.reclaim(other, "f", "d", 1, each -> "").getFirst();
        var at = rig.clock.instant();
        var success = rig.store.events.encode(
                new Event.StepSucceeded(task.task().step(), 1, Value.of(json("{a: 1}")), Usage.NONE, at, at));
        rig.store.redis.tasks.settle(task, success.event(), success.data());
        rig.drain(other);
    }

    @Test
    void aLostEventOfALoopIsFoundAndLoadedAnew() {
        Definition loop = rig.deploy("w", LOOP);
        String run = rig.start(loop, "{}");
        // The first chunk is worked off; the event with the second one is lost.
        rig.store.takeIn(loop);
        rig.store.redis.send(Command.XTRIM, Keys.inbox(P), "MAXLEN", 0);
        isFoundAndRepaired(run, "the event with its next items");
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aRunWhoseStartWasBuriedIsFoundAndStarted() {
        String run = rig.start(rig.deploy("w", WAIT), "{}");
        String entry = rig.store.redis.inbox.read(P, 1).getFirst().entryId();
        rig.store.redis.inbox.bury(P, entry, "a defect", rig.clock.instant());
        isFoundAndRepaired(run, "the event that starts it");
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void whatIsDamagedIsReportedAndLeftToAPerson() {
        String run = rig.started(CALL);
        rig.store.redis.send(Command.HSET, Keys.run(P, run), "head", "not json");
        look(5);
        assertThat(findings())
                .singleElement()
                .satisfies(s -> assertThat(s.missing().kind()).isEqualTo(Sleeper.Kind.DAMAGED));
        assertThat(metrics.get("sluice.invariant.repairs").counter().count()).isZero();
    }

    @Test
    void whatOnlyAFunctionCanWakeIsToldApart() {
        rig.started(CALL);
        rig.defer(rig.take("f").getFirst());
        look(4);
        assertThat(findings())
                .singleElement()
                .satisfies(s -> assertThat(s.missing().kind()).isEqualTo(Sleeper.Kind.OPEN_ENDED));
        assertThat(metrics.get("sluice.runs.without.wakeup").gauge().value()).isZero();
    }

    @Test
    void whoOnlyReportsRepairsNothingUntilAPersonAsksForIt() {
        invariant = invariant("report");
        String run = rig.started(WAIT);
        delete(Keys.timers(P));
        look(5);
        assertThat(findings()).hasSize(1);
        invariant.repair(run);
        rig.settle();
        look(1);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aRunThatHasEndedOrRestsIsNotRepaired() {
        String run = rig.started(WAIT);
        rig.post(run, new Event.PauseRequested(rig.clock.instant()));
        assertThatThrownBy(() -> invariant.repair(run))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().code()).isEqualTo("SL2019"));
        delete(Keys.timers(P));
        look(3);
        assertThat(findings()).isEmpty();
    }

    @Test
    void anEventInTheInboxWakesTheRunWhateverElseIsMissing() {
        String run = rig.started(WAIT);
        delete(Keys.timers(P));
        rig.store.runs.post(run, new Event.PauseRequested(rig.clock.instant()));
        look(3);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aThousandHealthyRunsOfAllKindsGiveNoFinding() {
        rig.deploy("child", CALL);
        List<Definition> kinds = List.of(
                rig.deploy("call", CALL),
                rig.deploy("wait", "timeout: { after: P1D }\n" + WAIT),
                rig.deploy("listen", LISTEN),
                rig.deploy("parent", CHILD),
                rig.deploy("loop", LOOP.replace("set: { a: 1 }", "call: g")),
                rig.deploy(
                        "fork", "do: [ { k: { fork: { branches: [ { a: { call: f } }, { b: { wait: PT1H } } ] } } } ]"),
                rig.deploy("limited", "do: [ { x: { call: f, timeout: { after: PT3H } } } ]"),
                rig.deploy("trying", """
                        do:
                          - t:
                              try: [ { r: { raise: { error: { type: 'https://example.com/a', status: 500 } } } } ]
                              catch: { retry: { delay: PT1H, limit: { attempt: { count: 3, duration: PT2H } } } }
                        """),
                rig.deploy("done", "do: [ { x: { set: { a: 1 } } } ]"));
        for (int i = 0; i < 1_000; i++) rig.start(kinds.get(i % kinds.size()), "{}");
        rig.settle();
        rig.take("g").forEach(task -> {
            if (task.task().run().hashCode() % 2 == 0) rig.defer(task);
        });
        look(1);
        for (int i = 0; i < 20 && invariant.lastRound().isEmpty(); i++) look(1);
        long began = System.nanoTime();
        for (int i = 0; i < 10; i++) look(1);
        System.getLogger("invariant")
                .log(System.Logger.Level.INFO, "10 steps, 3,000 runs: {0} ms", (System.nanoTime() - began) / 1_000_000);
        assertThat(invariant.lastRound().orElseThrow().path("runs").asInt()).isGreaterThan(900);
        assertThat(findings()).allMatch(s -> s.missing().kind() == Sleeper.Kind.OPEN_ENDED);
        assertThat(findings()).isNotEmpty();
    }
}

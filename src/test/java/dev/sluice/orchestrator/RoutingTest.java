package dev.sluice.orchestrator;

import static dev.sluice.orchestrator.SchedulesTest.event;
import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.store.OutboxEntry;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Value;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What runs have to do with others: events, runs that they start, the outbox, and what a person holds back. */
class RoutingTest {
    private static final String CALL = "do: [ { x: { call: f } } ]";
    private static final String LISTEN = "do: [ { x: { listen: { to: { one: { with: { type: go } } } } } } ]";
    private static final String ORDER = """
            do:
              - x:
                  listen:
                    to:
                      one:
                        with: { type: paid }
                        correlate: { order: { from: .data.order, expect: '${ $workflow.input.order }' } }
            """;
    private static final String CHILD =
            "do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]";

    private final Rig rig = new Rig();

    @Test
    void anEventGoesToEveryRunThatListensAndToNoOther() {
        String listens = rig.started(LISTEN);
        String alsoListens = rig.start(rig.definitions.latest("w").orElseThrow(), "{}");
        rig.settle();
        rig.publish(event("1", "other", "{}"));
        assertThat(rig.run(listens).status()).isEqualTo(RunStatus.WAITING);
        rig.publish(event("2", "go", "{n: 1}"));
        assertThat(rig.output(listens)).isEqualTo(json("[{n: 1}]"));
        assertThat(rig.output(alsoListens)).isEqualTo(json("[{n: 1}]"));
        assertThat(rig.store.redis.keys()).noneMatch(key -> key.contains(":listen:"));
    }

    @Test
    void aCorrelatedEventReachesTheOneRunThatItIsFor() {
        var definition = rig.deploy("w", ORDER);
        String seven = rig.start(definition, "{order: 7}");
        String eight = rig.start(definition, "{order: 8}");
        rig.settle();
        rig.publish(event("1", "paid", "{order: 8}"));
        assertThat(rig.run(seven).version()).isEqualTo(1);
        assertThat(rig.run(seven).status()).isEqualTo(RunStatus.WAITING);
        assertThat(rig.run(eight).status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void aSignalIsKeptUntilItsRunListens() {
        String run = rig.started(
                "do: [ { w: { wait: PT1H } }, { x: { listen: { to: { one: { with: { type: go } } } } } } ]");
        Value signal = Value.of(json(event("1", "go", "{n: 1}")));
        rig.post(run, new Event.EventArrived(signal, true, "", rig.clock.instant()));
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.WAITING);
        rig.advance(Duration.ofHours(1));
        assertThat(rig.output(run)).isEqualTo(json("[{n: 1}]"));
    }

    private String child() {
        return rig.runsOf("child").getFirst();
    }

    @Test
    void aRunWaitsForTheRunThatItStartedAndHasItsOutput() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        assertThat(rig.run(child()).identity().parent().orElseThrow().run()).isEqualTo(run);
        rig.answer(rig.take("f").getFirst(), "{a: 1}");
        assertThat(rig.output(run)).isEqualTo(json("{a: 1}"));
    }

    @Test
    void theFailureOfAChildIsTheFailureOfItsStep() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        rig.fail(rig.take("f").getFirst(), Problem.of(Code.SL4012, "no"));
        var failed = (RunState.Failed) rig.run(run).state();
        assertThat(failed.step()).isEqualTo("/do/0/x");
        assertThat(failed.problem().detail()).contains("no");
    }

    @Test
    void aChildThatDoesNotExistFailsItsStep() {
        String run = rig.started(CHILD);
        assertThat(((RunState.Failed) rig.run(run).state()).problem().code()).isEqualTo("SL2001");
    }

    @Test
    void aChildEndsWithTheRunThatStartedIt() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        rig.post(run, new Event.CancelRequested("enough", rig.clock.instant()));
        assertThat(rig.run(child()).status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void whatTheOutboxDeliversTwiceHappensOnce() {
        rig.deploy("child", CALL);
        String run = rig.started(CHILD);
        Partition of = dev.sluice.queue.RunId.partition(run).orElseThrow();
        String start = "{\"step\":\"/do/0/x\",\"attempt\":1,\"namespace\":\"test\",\"name\":\"child\","
                + "\"version\":\"1.0.0\",\"await\":true}";
        rig.again(of, run, OutboxEntry.Kind.START, start, "{}");
        rig.settle();
        assertThat(rig.runsOf("child")).hasSize(1);
        rig.answer(rig.take("f").getFirst(), "{a: 1}");
        long version = rig.run(run).version();
        rig.again(of, run, OutboxEntry.Kind.START, start, "{}");
        rig.settle();
        assertThat(rig.runsOf("child")).hasSize(1);
        assertThat(rig.run(run).version()).isEqualTo(version);
    }

    @Test
    void anEmittedEventThatIsDeliveredTwiceIsHeardOnce() {
        rig.deploy("heard", "schedule: { on: { one: { with: { type: e } } } }\n" + CALL);
        String run = rig.started("do: [ { x: { emit: { event: { with: { source: 'https://s', type: e } } } } } ]");
        String emitted =
                "{\"specversion\":\"1.0\",\"id\":\"" + run + ":/do/0/x\",\"source\":\"https://s\",\"type\":\"e\"}";
        rig.again(P, run, OutboxEntry.Kind.EMIT, "{}", emitted);
        rig.settle();
        assertThat(rig.runsOf("heard")).hasSize(1);
    }

    @Test
    void aLoopOfManyItemsKeepsThemApartFromTheRunAndLeavesNone() {
        String run = rig.started("do: [ { l: { for: { in: '${ [range(250)] }' }, do: [ { x: { call: f } } ] } } ]");
        assertThat(rig.store.redis.hash(Keys.items(P, run))).hasSize(2);
        for (int i = 0; i < 250; i++) rig.answer(rig.take("f").getFirst(), String.valueOf(i));
        assertThat(rig.output(run)).isEqualTo(json("249"));
        assertThat(rig.store.redis.hash(Keys.items(P, run))).isEmpty();
    }

    @Test
    void whatComesDuringAPauseIsHeldAndTakenInAfterwards() {
        String run = rig.started(CALL);
        var task = rig.take("f").getFirst();
        rig.post(run, new Event.PauseRequested(rig.clock.instant()));
        rig.answer(task, "{a: 1}");
        assertThat(rig.run(run).status()).isEqualTo(RunStatus.PAUSED);
        assertThat(rig.store.redis.list(Keys.held(P, run))).hasSize(1);
        rig.post(run, new Event.ResumeRequested(rig.clock.instant()));
        assertThat(rig.output(run)).isEqualTo(json("{a: 1}"));
        assertThat(rig.store.redis.list(Keys.held(P, run))).isEmpty();
    }

    @Test
    void theTaskOfAPausedRunGoesBackToItUntouched() {
        String run = rig.started(CALL);
        rig.post(run, new Event.PauseRequested(rig.clock.instant()));
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(rig.take("f")).isEmpty();
        rig.settle();
        rig.post(run, new Event.ResumeRequested(rig.clock.instant()));
        assertThat(rig.take("f")).hasSize(1);
    }

    @Test
    void theTaskOfARunThatWasKilledIsNotDelivered() {
        String run = rig.started(CALL);
        rig.post(run, new Event.KillRequested("", rig.clock.instant()));
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(rig.take("f")).isEmpty();
        assertThat(rig.store.redis.length(Keys.lane(P, "f"))).isZero();
    }
}

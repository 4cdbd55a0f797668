package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.queue.DearInbox;
import dev.sluice.queue.Delivery;
import dev.sluice.queue.Inbox;
import dev.sluice.queue.Keys;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Whole runs over a real Redis, with functions that answer at once and a clock that is moved by hand. */
class OrchestratorTest {
    private static final String TWO_BRANCHES = """
            do:
              - both: { fork: { branches: [ { l: { call: f } }, { r: { call: g } } ] } }
              - last: { set: { all: '${ . }' } }
            """;

    private final RealStore store = new RealStore();
    private final Orchestrator orchestrator = orchestrator();
    private Instant now = T0;

    private Orchestrator orchestrator() {
        return orchestrator(store.redis.inbox);
    }

    private Orchestrator orchestrator(Inbox inbox) {
        var clock = Clock.fixed(T0, ZoneOffset.UTC);
        var definitions = store.definitions();
        return new Orchestrator(
                inbox,
                store.redis.ownership,
                store.commits,
                store.subscriptions(clock),
                new Intake(
                        definitions,
                        store.runs,
                        store.events,
                        new Aftermath(definitions, new Lifecycle(definitions, Optional.empty(), Optional.empty())),
                        store.secrets(),
                        clock),
                new Deliveries(
                        store.outbox,
                        store.subscriptions(clock),
                        definitions,
                        store.starter(clock),
                        store.runs,
                        store.schedules(definitions, clock),
                        store.links,
                        clock,
                        Optional.empty()),
                clock,
                new SimpleMeterRegistry());
    }

    private Definition deploy(String rest) {
        return store.definitions().deploy(RealStore.document("w", rest)).definition();
    }

    private String start(Definition definition, JsonNode input) {
        String id = RealStore.runId();
        store.runs.start(definition, id, input, T0);
        return id;
    }

    private Run run(String id) {
        return store.runs.find(id).orElseThrow();
    }

    private JsonNode output(String id) {
        return ((RunState.Succeeded) run(id).state()).output().tree();
    }

    private List<Delivery> take(String function) {
        return store.redis.tasks.take(P, function, "d", 999, now, task -> "");
    }

    private void answer(Delivery delivery, String output) {
        var task = delivery.task();
        settle(
                delivery,
                new Event.StepSucceeded(task.step(), task.attempt(), Value.of(json(output)), Usage.NONE, now, now));
    }

    private void fail(Delivery delivery, Problem problem) {
        var task = delivery.task();
        settle(delivery, new Event.StepFailed(task.step(), task.attempt(), problem, Usage.NONE, now, now));
    }

    private void settle(Delivery delivery, Event event) {
        var encoded = store.events.encode(event);
        store.redis.tasks.settle(delivery, encoded.event(), encoded.data());
    }

    @Test
    void aRunGoesFromItsAcceptanceToItsOutput() {
        String id = start(deploy(TWO_BRANCHES), json("{}"));
        orchestrator.drain(P);
        answer(take("g").getFirst(), "'right'");
        answer(take("f").getFirst(), "'left'");
        orchestrator.drain(P);
        assertThat(output(id)).isEqualTo(json("{all: ['left', 'right']}"));
    }

    @Test
    void anAttemptThatFailedIsMadeAgainWhenItsTimerIsDue() {
        String id = start(deploy("do: [ { x: { call: f } } ]"), json("{}"));
        orchestrator.drain(P);
        fail(take("f").getFirst(), Problem.of(Code.SL4010, "x").retry());
        orchestrator.drain(P);
        assertThat(run(id).status()).isEqualTo(RunStatus.WAITING);
        now = T0.plusSeconds(2);
        store.redis.inbox.tick(List.of(P), now);
        orchestrator.drain(P);
        answer(take("f").getFirst(), "{}");
        orchestrator.drain(P);
        assertThat(output(id)).isEqualTo(json("{}"));
    }

    @Test
    void anEmptyInboxIsLeftAtOnceAndThePartitionGivenBack() {
        assertThat(orchestrator.drain(P)).isZero();
        assertThat(store.redis.ownership.take(P)).isPresent();
    }

    @Test
    void aPartitionThatAnotherHasIsLeftAlone() {
        start(deploy(TWO_BRANCHES), json("{}"));
        store.redis.ownership.take(P);
        assertThat(orchestrator.drain(P)).isZero();
        assertThat(store.redis.length(Keys.inbox(P))).isEqualTo(1);
    }

    @Test
    void whatAnOrchestratorLeftThatCrashedBeforeItsCommitIsDoneByTheNext() {
        String id = start(deploy("do: [ { x: { set: { a: 1 } } } ]"), json("{}"));
        store.redis.ownership.take(P);
        store.redis.inbox.read(P, 99);
        store.runs.find(id);
        // It dies here; its ownership ends by itself.
        store.redis.send(Command.DEL, Keys.owner(P));
        assertThat(orchestrator.drain(P)).isEqualTo(1);
        assertThat(output(id)).isEqualTo(json("{a: 1}"));
    }

    @Test
    void manyOrchestratorsAtOnceTakeEachEventInOnce() throws Exception {
        var definition = deploy(TWO_BRANCHES);
        var ids = new ArrayList<String>();
        for (int i = 0; i < 300; i++) ids.add(start(definition, json("{}")));
        var drains = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 8; i++) drains.add(() -> orchestrator().drain(P));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var drained : threads.invokeAll(drains)) drained.get();
        }
        orchestrator.drain(P);
        assertThat(store.redis.length(Keys.lane(P, "f"))).isEqualTo(300);
        assertThat(ids).allSatisfy(id -> assertThat(run(id).version()).isEqualTo(1));
    }

    @Test
    void aBatchThatOutlastedTheOwnershipWasTriedAgainForEver() {
        var definition = deploy("do: [ { x: { set: { a: 1 } } } ]");
        for (int i = 0; i < 100; i++) start(definition, json("{}"));
        var slow = orchestrator(new DearInbox(store.redis, 20));
        for (int wake = 0; wake < 20; wake++) slow.drain(P);
        assertThat(store.redis.length(Keys.inbox(P))).isZero();
    }

    @Test
    void anEventOfARunThatDoesNotExistIsBuried() {
        store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", "ghost", "e", "{}", "d", "");
        orchestrator.drain(P);
        assertThat(store.redis.dead(P).getFirst()).containsEntry("reason", "there is no run ghost");
        assertThat(store.redis.length(Keys.inbox(P))).isZero();
    }

    @Test
    void whatIsNotAnEventFailsItsRunWhereAPersonSeesIt() {
        String id = start(deploy(TWO_BRANCHES), json("{}"));
        store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", id, "e", "nonsense", "d", "");
        orchestrator.drain(P);
        assertThat(((RunState.Failed) run(id).state()).problem().code()).isEqualTo("SL9001");
    }

    @Test
    void noTaskIsQueuedForARunThatFailedInTheSameBatch() {
        String id = start(deploy(TWO_BRANCHES), json("{}"));
        store.redis.send(Command.XADD, Keys.inbox(P), "*", "run", id, "e", "nonsense", "d", "");
        orchestrator.drain(P);
        assertThat(store.redis.length(Keys.lane(P, "f"))).isZero();
    }

    @Test
    void aDamagedRunDoesNotHoldUpTheOthersOfItsPartition() {
        var definition = deploy("do: [ { x: { set: { a: 1 } } } ]");
        String damaged = start(definition, json("{}"));
        String sound = start(definition, json("{}"));
        store.redis.send(Command.HSET, Keys.run(P, damaged), "head", "not json");
        orchestrator.drain(P);
        assertThat(output(sound)).isEqualTo(json("{a: 1}"));
        assertThat(store.redis.dead(P)).extracting(d -> d.get("run")).containsExactly(damaged);
    }

    @Test
    void aRunWhosePayloadIsGoneDoesNotHoldUpTheOthersOfItsPartition() throws Exception {
        var definition = deploy("do: [ { x: { set: { a: 1 } } } ]");
        String bereft = start(definition, new TextNode("x".repeat(100_000)));
        String sound = start(definition, json("{}"));
        try (var files = Files.walk(store.directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) Files.delete(file);
        }
        orchestrator.drain(P);
        assertThat(output(sound)).isEqualTo(json("{a: 1}"));
        assertThat(run(bereft).status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void aRunWhoseRevisionIsGoneFailsAndDoesNotHoldUpTheOthers() {
        var definition = deploy("do: [ { x: { set: { a: 1 } } } ]");
        String orphan = start(definition, json("{}"));
        store.redis.send(Command.HDEL, Keys.revisions("w"), definition.revision());
        String sound = start(deploy("do: [ { y: { set: { a: 2 } } } ]"), json("{}"));
        orchestrator.drain(P);
        assertThat(output(sound)).isEqualTo(json("{a: 2}"));
        assertThat(run(orphan).status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void whatMayPassStaysInTheInbox() {
        String id = start(deploy(TWO_BRANCHES), json("{}"));
        store.redis.send(Command.DEL, Keys.run(P, id));
        store.redis.send(Command.SET, Keys.run(P, id), "another type");
        assertThatThrownBy(() -> orchestrator.drain(P))
                .isInstanceOf(RuntimeException.class)
                .isNotInstanceOf(ProblemException.class);
        assertThat(store.redis.length(Keys.inbox(P))).isEqualTo(1);
        assertThat(store.redis.ownership.take(P)).isPresent();
    }

    @Test
    void aHistoryTellsTheRunInTheOrderInWhichItWasDecided() {
        String id = start(deploy("do: [ { x: { call: f } } ]"), json("{}"));
        orchestrator.drain(P);
        answer(take("f").getFirst(), "{}");
        orchestrator.drain(P);
        assertThat(store.runs.history(id, 0, 99))
                .extracting(HistoryEntry::kind)
                .extracting(Enum::name)
                .containsExactly("RUN_STARTED", "TASK_QUEUED", "STEP_SUCCEEDED", "RUN_SUCCEEDED");
    }
}

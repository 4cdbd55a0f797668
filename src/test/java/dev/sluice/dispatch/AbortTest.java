package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.RunStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs on a real Redis whose attempts are in flight: what ends them, and what they tell before. */
class AbortTest {
    private static final String STEP = "/do/0/x";

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer function = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Clock clock = Clock.fixed(T0, ZoneOffset.UTC);
    private final Lane lane = lane();
    private final String id = RealStore.runId();
    private Definition definition;

    private Lane lane() {
        return lane(clock);
    }

    private Lane lane(Clock clock) {
        var calls = new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock);
        var tools = new LaneTools(
                redis.tasks,
                store.runs,
                store.events,
                calls,
                threads,
                clock,
                "d-1",
                new Counts(metrics),
                () -> false,
                partition -> OptionalLong.of(0),
                new LaneTools.Terms(Duration.ofSeconds(15), 5, 0.75),
                new Settler(redis.tasks, threads),
                redis.turnstile("d-1"));
        return new Lane(new FunctionTarget("f", function.url(), WindowBounds.fixed(4), Duration.ofSeconds(60)), tools);
    }

    @AfterEach
    void close() {
        function.answerAll();
        threads.shutdown();
        function.close();
        http.close();
    }

    private void start(String metadata) {
        definition = store.definitions()
                .deploy(RealStore.document("w", "do: [ { x: { call: f, metadata: " + metadata + " } } ]"))
                .definition();
        store.runs.start(definition, id, RealStore.json("{}"), T0);
        store.takeIn(definition);
    }

    private void startAndSend(String metadata) {
        function.prompt = false;
        start(metadata);
        lane.offer(P);
        await().untilAsserted(() -> assertThat(function.asked).hasValue(1));
    }

    private void take(Event event) {
        store.runs.post(id, event);
        store.takeIn(definition);
    }

    private void awaitSettled() throws Exception {
        function.abandoned.get(10, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(lane.inFlight()).isZero());
        assertThat(redis.length(Keys.lane(P, "f"))).isZero();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
        assertThat(redis.length(Keys.inbox(P))).isZero();
    }

    private long aborted() {
        return metrics.timer("sluice.attempt.duration", "function", "f", "outcome", "aborted")
                .count();
    }

    @Test
    void aHintClosesTheConnectionAndSettlesTheTaskWithoutAnEvent() throws Exception {
        startAndSend("{}");
        lane.abort(P, id + "|" + STEP + "|1");
        awaitSettled();
        await().untilAsserted(() -> assertThat(aborted()).isEqualTo(1));
    }

    @Test
    void aHintForAnotherAttemptDisturbsNothing() {
        startAndSend("{}");
        lane.abort(P, id + "|" + STEP + "|2");
        lane.abort(new Partition("default", "test", 1), id + "|" + STEP + "|1");
        function.answerAll();
        await().untilAsserted(() -> assertThat(redis.length(Keys.inbox(P))).isEqualTo(1));
        assertThat(aborted()).isZero();
    }

    @Test
    void theLeaseCheckEndsWhatAKilledRunLeftInFlight() throws Exception {
        startAndSend("{}");
        take(new Event.KillRequested("enough", T0));
        assertThat(store.runs.find(id).orElseThrow().status()).isEqualTo(RunStatus.CANCELLED);
        lane.heartbeat();
        awaitSettled();
    }

    @Test
    void theLeaseCheckEndsAnAttemptThatIsOverThoughItsStepIsNot() throws Exception {
        startAndSend("{ startToClose: PT5S }");
        store.takeIn(definition);
        take(new Event.TimerElapsed(Event.Timer.ATTEMPT_TIMEOUT, STEP, 1, T0.plusSeconds(5)));
        lane.heartbeat();
        awaitSettled();
    }

    @Test
    void theLeaseCheckLeavesAloneWhatIsWaitedFor() {
        startAndSend("{}");
        take(new Event.PauseRequested(T0));
        lane.heartbeat();
        function.answerAll();
        await().untilAsserted(() -> assertThat(redis.length(Keys.inbox(P))).isEqualTo(1));
    }

    @Test
    void aTaskThatWaitedTooLongForAFunctionIsNotSent() {
        start("{ scheduleToStart: PT5S }");
        take(new Event.TimerElapsed(Event.Timer.START_TIMEOUT, STEP, 1, T0.plusSeconds(5)));
        lane(Clock.offset(clock, Duration.ofSeconds(5))).offer(P);
        assertThat(redis.length(Keys.lane(P, "f"))).isZero();
        assertThat(function.asked).hasValue(0);
    }

    @Test
    void theRunLearnsOfTheBeginningBeforeTheFunctionIsAsked() {
        startAndSend("{ startToClose: PT5S }");
        assertThat(redis.stream(Keys.inbox(P)))
                .singleElement()
                .satisfies(e -> assertThat(e.get("e")).contains("\"AttemptStarted\""));
        store.takeIn(definition);
        assertThat(redis.sorted(Keys.timers(P)))
                .hasSize(2)
                .last()
                .isEqualTo(String.valueOf(T0.plusSeconds(5).toEpochMilli()));
    }

    @Test
    void aRunWithoutTimeLimitsIsNotTold() {
        startAndSend("{}");
        assertThat(redis.length(Keys.inbox(P))).isZero();
    }

    @Test
    void aDeferralSettlesTheTaskAndTheStepWaitsOn() {
        function.prompt = false;
        start("{}");
        lane.offer(P);
        await().untilAsserted(() -> assertThat(function.asked).hasValue(1));
        var request = function.open.getFirst();
        request.response().putHeader("ce-type", "dev.sluice.step.deferred.v1");
        function.answer(request, "{\"heartbeat\":30}");
        await().untilAsserted(() -> assertThat(redis.length(Keys.inbox(P))).isEqualTo(1));
        store.takeIn(definition);
        assertThat(redis.length(Keys.lane(P, "f"))).isZero();
        assertThat(store.runs.find(id).orElseThrow().status()).isEqualTo(RunStatus.WAITING);
        assertThat(redis.sorted(Keys.timers(P)))
                .last()
                .isEqualTo(String.valueOf(T0.plusSeconds(30).toEpochMilli()));
    }
}

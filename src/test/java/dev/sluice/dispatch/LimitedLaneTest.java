package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Keys;
import dev.sluice.queue.LaneName;
import dev.sluice.queue.LimitKeys;
import dev.sluice.queue.Limits;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.Turnstile;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Priority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lanes whose tasks have limits, with the clock of the machine, as leases of tasks are timed by that of Redis. */
class LimitedLaneTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final String KEY = "default.w/customer=42";
    private static final String FUNCTION = "function=f";

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer function = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Turnstile> turnstiles = new ArrayList<>();
    private final Limits limits = redis.limits(Clock.systemUTC());
    private final Map<String, Integer> tenants = new HashMap<>();
    private final Map<String, Integer> functions = new HashMap<>();
    private final Map<String, Integer> rates = new HashMap<>();

    @AfterEach
    void close() {
        function.prompt = true;
        function.answerAll();
        threads.shutdown();
        function.close();
        http.close();
    }

    private Lane lane(String consumer, int window, Duration lease) {
        Clock clock = Clock.systemUTC();
        Turnstile turnstile = redis.turnstile(consumer, tenants, functions, rates, lease, clock);
        var tools = new LaneTools(
                redis.tasks,
                store.runs,
                store.events,
                new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock),
                threads,
                clock,
                consumer,
                new Counts(new SimpleMeterRegistry()),
                () -> false,
                partition -> OptionalLong.of(0),
                new LaneTools.Terms(lease, 5, 1),
                new Settler(redis.tasks, threads),
                turnstile);
        var target = new FunctionTarget("f", function.url(), WindowBounds.fixed(window), Duration.ofSeconds(60));
        var lane = new Lane(target, tools);
        lanes.add(lane);
        turnstiles.add(turnstile);
        return lane;
    }

    /** What a dispatcher does when it hears a hint, and each second without one. */
    private void sweep() {
        turnstiles.forEach(Turnstile::sweep);
        var expired = redis.sweep.look(List.of(P)).expired();
        lanes.forEach(lane -> lane.reclaim(expired));
        lanes.forEach(lane -> lane.offer(P));
    }

    private void awaitResults(int count) {
        await().atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    sweep();
                    return redis.length(Keys.inbox(P)) == count;
                });
    }

    private void awaitAsked(int count) {
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            sweep();
            return function.asked.get() >= count;
        });
    }

    private void tasks(String tenant, int from, int count, String key, int max) {
        for (int i = from; i < from + count; i++) {
            String run = "r-" + i;
            redis.send(Command.HSET, Keys.run(P, run), Keys.step("/do/0/x"), "{}");
            redis.addEntry(
                    P,
                    new LaneName(Priority.NORMAL, tenant, "f"),
                    "run",
                    run,
                    "step",
                    "/do/0/x",
                    "attempt",
                    1,
                    "input",
                    "{}",
                    "at",
                    Instant.now().toEpochMilli(),
                    "more",
                    key.isEmpty() ? "" : "{\"limits\":[[\"" + key + "\"," + max + "]]}");
        }
    }

    private static String run(HttpServerRequest request) {
        return request.getHeader("ce-sluicerun");
    }

    private static long fence(HttpServerRequest request) {
        return Long.parseLong(request.getHeader("ce-sluicefence"));
    }

    private void assertNothingLeaked() {
        turnstiles.forEach(Turnstile::flush);
        assertThat(redis.keys()).noneMatch(key -> key.endsWith(":holders") || key.endsWith(":waiting"));
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void aThousandTasksOfOneKeyAreNeverMoreThanThreeAtTheFunctionAndAllFinish() {
        function.millis = 5;
        tasks("", 0, 1_000, KEY, 3);
        lane("d-1", 8, LEASE);
        lane("d-2", 8, LEASE);
        awaitResults(1_000);
        assertThat(function.openMax).hasValue(3);
        assertThat(function.asked).hasValue(1_000);
        await().untilAsserted(this::assertNothingLeaked);
    }

    @Test
    void aTaskThatWaitsForAPermitHoldsUpNobodyElse() {
        function.prompt = false;
        tasks("", 0, 20, KEY, 1);
        tasks("", 20, 3, "", 0);
        lane("d-1", 4, LEASE).offer(P);
        awaitAsked(4);
        assertThat(function.open)
                .extracting(LimitedLaneTest::run)
                .containsExactlyInAnyOrder("r-0", "r-20", "r-21", "r-22");
        // Waiting takes no place of the window.
        tasks("", 23, 1, "", 0);
        function.answer(
                function.open.stream()
                        .filter(r -> !run(r).equals("r-0"))
                        .findFirst()
                        .orElseThrow(),
                "{}");
        awaitAsked(5);
        assertThat(function.open).extracting(LimitedLaneTest::run).contains("r-23");
    }

    @Test
    void thoseWhoWaitComeInTheOrderInWhichTheyWereEnqueuedEachWithAGreaterToken() {
        function.prompt = false;
        tasks("", 0, 6, KEY, 1);
        lane("d-1", 4, LEASE).offer(P);
        long last = 0;
        for (int i = 0; i < 6; i++) {
            awaitAsked(i + 1);
            HttpServerRequest request = function.open.getFirst();
            assertThat(run(request)).isEqualTo("r-" + i);
            assertThat(fence(request)).isGreaterThan(last);
            last = fence(request);
            function.answer(request, "{}");
        }
        awaitResults(6);
    }

    @Test
    void aFunctionsLimitCountsOverAllDispatchersAndLeavesTheRestInTheirLanes() {
        functions.put("f", 2);
        function.prompt = false;
        tasks("", 0, 100, "", 0);
        lane("d-1", 16, LEASE).offer(P);
        lane("d-2", 16, LEASE).offer(P);
        awaitAsked(2);
        assertThat(limits.fill(FUNCTION).held()).isEqualTo(2);
        assertThat(limits.fill(FUNCTION).waiting()).isLessThanOrEqualTo(8);
        function.millis = 5;
        function.prompt = true;
        function.answerAll();
        awaitResults(100);
        assertThat(function.openMax).hasValue(2);
        await().untilAsserted(this::assertNothingLeaked);
    }

    @Test
    void aTenantsLimitHoldsUpNoOtherTenant() {
        tenants.put("other", 1);
        tenants.put("acme", 2);
        function.prompt = false;
        tasks("acme", 0, 5, "", 0);
        tasks("other", 10, 5, "", 0);
        tasks("", 20, 5, "", 0);
        lane("d-1", 16, LEASE).offer(P);
        awaitAsked(8);
        assertThat(function.open)
                .extracting(LimitedLaneTest::run)
                .containsExactlyInAnyOrder("r-0", "r-1", "r-10", "r-20", "r-21", "r-22", "r-23", "r-24");
    }

    @Test
    void whoHasOneOfTwoPermitsGivesItBackWhileItWaitsForTheOther() {
        functions.put("f", 2);
        function.prompt = false;
        tasks("", 0, 3, KEY, 1);
        tasks("", 3, 1, "", 0);
        lane("d-1", 16, LEASE).offer(P);
        awaitAsked(2);
        assertThat(function.open).extracting(LimitedLaneTest::run).containsExactlyInAnyOrder("r-0", "r-3");
        function.prompt = true;
        function.answerAll();
        awaitResults(4);
        await().untilAsserted(this::assertNothingLeaked);
    }

    @Test
    void permitsOfADispatcherThatWasKilledComeFreeAfterTheLeaseAndNoSooner() {
        Duration lease = Duration.ofSeconds(2);
        function.prompt = false;
        tasks("", 0, 2, KEY, 1);
        // One that takes the first task, gets its permit, and is never heard of again.
        var dead = redis.turnstile("d-dead", Map.of(), Map.of(), Map.of(), lease, Clock.systemUTC());
        var taken = redis.tasks.take(P, "f", "d-dead", 1, Instant.now(), task -> "");
        Instant from = Instant.now();
        assertThat(dead.admit(taken)).hasSize(1);
        String place = taken.getFirst().place().text();
        redis.send(Command.ZADD, Keys.inFlight(P), from.plus(lease).toEpochMilli(), place);
        lane("d-2", 4, lease);
        awaitAsked(1);
        assertThat(Duration.between(from, Instant.now())).isGreaterThanOrEqualTo(lease);
        function.prompt = true;
        function.answerAll();
        awaitResults(2);
        await().untilAsserted(this::assertNothingLeaked);
    }

    @Test
    void whoStoodStillForLongerThanItsLeaseHasALowerTokenThanItsSuccessorAndFreesNothing() {
        Duration lease = Duration.ofMillis(300);
        function.prompt = false;
        tasks("", 0, 1, KEY, 1);
        var first = redis.turnstile("d-1", Map.of(), Map.of(), Map.of(), lease, Clock.systemUTC());
        var stopped = first.admit(redis.tasks.take(P, "f", "d-1", 1, Instant.now(), task -> ""))
                .getFirst();
        await().until(() -> limits.fill(KEY).held() == 1
                && !redis.sorted(LimitKeys.holders(KEY)).isEmpty()
                && Long.parseLong(redis.sorted(LimitKeys.holders(KEY)).get(1))
                        <= Instant.now().toEpochMilli());
        redis.endLeases();
        lane("d-2", 4, LEASE);
        awaitAsked(1);
        assertThat(fence(function.open.getFirst())).isGreaterThan(stopped.task().fence());
        first.done(stopped);
        first.flush();
        assertThat(limits.fill(KEY).held()).isEqualTo(1);
    }

    @Test
    void theTurnOfARunThatHasEndedGoesToTheNextAtOnce() {
        function.prompt = false;
        tasks("", 0, 4, KEY, 1);
        lane("d-1", 4, LEASE).offer(P);
        awaitAsked(1);
        for (int i = 1; i < 3; i++) redis.send(Command.HSET, Keys.run(P, "r-" + i), Keys.ENDED, "1");
        function.answerAll();
        awaitAsked(2);
        assertThat(function.open).extracting(LimitedLaneTest::run).containsExactly("r-3");
        assertThat(limits.fill(KEY)).isEqualTo(new Limits.Fill(1, 1, 0));
    }

    @Test
    void aRateLetsThroughAMinutesWorthAndKeepsTheRestInTheirLane() {
        rates.put("f", 5);
        tasks("", 0, 60, "", 0);
        lane("d-1", 16, LEASE).offer(P);
        awaitResults(5);
        sweep();
        assertThat(function.asked).hasValue(5);
        // What was taken and had to wait was given back, with the time at which it may begin.
        var waits = redis.sorted(Keys.inFlight(P));
        assertThat(waits).hasSizeLessThanOrEqualTo(2 * 16);
        assertThat(Long.parseLong(waits.get(1)))
                .isGreaterThan(Instant.now().plusSeconds(50).toEpochMilli());
        assertThat(redis.pending(Keys.lane(P, "f"))).isEqualTo(waits.size() / 2);
    }
}

package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.RealStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Partition OTHER = new Partition("default", "test", 1);

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer function = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        function.answerAll();
        threads.shutdown();
        function.close();
        http.close();
    }

    private Lane lane(String consumer, int window, Clock clock) {
        var tools = new Lane.Tools(
                redis.tasks,
                store.runs,
                store.events,
                new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock),
                threads,
                clock,
                consumer,
                new Counts(metrics),
                () -> false);
        return new Lane(
                new FunctionTarget("f", function.url(), WindowBounds.fixed(window), Duration.ofSeconds(60)), tools);
    }

    private Lane lane(String consumer, int window) {
        return lane(consumer, window, Clock.fixed(T0, ZoneOffset.UTC));
    }

    private void tasks(int count) {
        for (int i = 0; i < count; i++) redis.addTask("f", "r-" + i, 1);
    }

    private void awaitResults(int count) {
        await().untilAsserted(() -> assertThat(redis.length(Keys.inbox(P))).isEqualTo(count));
    }

    private void awaitAsked(int count) {
        await().untilAsserted(() -> assertThat(function.asked.get()).isEqualTo(count));
    }

    @Test
    void everyTaskIsDeliveredAndItsResultStored() {
        tasks(100);
        lane("d-1", 8).offer(P);
        awaitResults(100);
        assertThat(function.asked).hasValue(100);
        assertThat(redis.length(Keys.lane(P, "f"))).isZero();
        assertThat(redis.hash(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void neverMoreThanTheWindowAreInFlight() {
        tasks(60);
        var lane = lane("d-1", 5);
        for (int i = 0; i < 20; i++) threads.execute(() -> lane.offer(P));
        awaitResults(60);
        assertThat(function.openMax.get()).isLessThanOrEqualTo(5);
    }

    @Test
    void theWindowIsUsedInFull() {
        function.prompt = false;
        tasks(60);
        var lane = lane("d-1", 5);
        lane.offer(P);
        awaitAsked(5);
        assertThat(lane.inFlight()).isEqualTo(5);
    }

    @Test
    void theWindowIsWholeAgainAfterManyOffersAtOnce() throws InterruptedException {
        redis.tasks.open(P, "f");
        redis.tasks.open(OTHER, "f");
        var lane = lane("d-1", 4);
        try (var offers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 2_000; i++) {
                Partition partition = i % 2 == 0 ? P : OTHER;
                offers.execute(() -> lane.offer(partition));
            }
        }
        function.prompt = false;
        tasks(9);
        lane.offer(P);
        awaitAsked(4);
    }

    @Test
    void aPartitionThatHasMuchDoesNotKeepAnotherWaiting() {
        function.prompt = false;
        tasks(60);
        redis.tasks.open(OTHER, "f");
        var lane = lane("d-1", 2);
        lane.offer(P);
        awaitAsked(2);
        lane.offer(OTHER);
        redis.send(Command.HSET, Keys.run(OTHER, "r-other"), Keys.step("/do/0/x"), "{}");
        redis.send(
                Command.XADD,
                Keys.lane(OTHER, "f"),
                "*",
                "run",
                "r-other",
                "step",
                "/do/0/x",
                "attempt",
                1,
                "input",
                "{}",
                "at",
                0);
        function.answerAll();
        awaitAsked(4);
        function.answerAll();
        await().untilAsserted(() -> assertThat(redis.length(Keys.inbox(OTHER))
                        + function.open.stream()
                                .filter(r -> "r-other".equals(r.getHeader("ce-sluicerun")))
                                .count())
                .isEqualTo(1));
    }

    @Test
    void anOfferThatComesWhileLostTasksAreLookedForIsNotForgotten() {
        tasks(1);
        var lane = new Lane[1];
        // The clock is asked when the reclaiming has taken the whole window.
        var clock = new Clock() {
            private boolean offered;

            @Override
            public Instant instant() {
                if (!offered && lane[0] != null && lane[0].window().inFlight() == 4) {
                    offered = true;
                    lane[0].offer(P);
                }
                return T0;
            }

            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
        lane[0] = lane("d-1", 4, clock);
        lane[0].reclaim(P, LEASE, 5);
        awaitResults(1);
    }

    @Test
    void aTaskWhoseDispatcherDiedIsDeliveredByAnother() {
        tasks(1);
        Delivery lost = redis.tasks.take(P, "f", "d-dead", 1, T0, task -> "").getFirst();
        redis.idle("f", "d-dead", lost.entryId(), 60_000);
        lane("d-2", 4).reclaim(P, LEASE, 5);
        awaitResults(1);
        assertThat(metrics.counter("sluice.tasks.reclaimed").count()).isEqualTo(1);
    }

    @Test
    void whenTwoDeliveriesOfATaskAnswerOneResultCounts() {
        function.prompt = false;
        tasks(1);
        lane("d-1", 4).offer(P);
        awaitAsked(1);
        String entry = redis.send(io.vertx.redis.client.Command.XPENDING, Keys.lane(P, "f"), Keys.GROUP, "-", "+", 1)
                .get(0)
                .get(0)
                .toString();
        redis.idle("f", "d-1", entry, 60_000);
        lane("d-2", 4).reclaim(P, LEASE, 5);
        awaitAsked(2);
        function.answerAll();
        await().untilAsserted(() ->
                assertThat(metrics.counter("sluice.results.duplicate").count()).isEqualTo(1));
        assertThat(redis.length(Keys.inbox(P))).isEqualTo(1);
    }

    @Test
    void aTaskThatWasDeliveredTooOftenIsGivenUpWithItsReason() {
        tasks(1);
        String entry =
                redis.tasks.take(P, "f", "d-dead", 1, T0, task -> "").getFirst().entryId();
        redis.idle("f", "d-dead", entry, 60_000);
        lane("d-2", 4).reclaim(P, LEASE, 1);
        assertThat(redis.stream(Keys.inbox(P)))
                .singleElement()
                .satisfies(e -> assertThat(e.get("d")).contains("SL4014"));
        assertThat(function.asked).hasValue(0);
    }

    @Test
    void whatThisDispatcherWorksOnItselfIsNotTakenOver() {
        function.prompt = false;
        tasks(1);
        var lane = lane("d-1", 4);
        lane.offer(P);
        awaitAsked(1);
        redis.tasks.heartbeat(P, "f", "d-1", List.of());
        lane.reclaim(P, Duration.ZERO, 5);
        assertThat(function.asked).hasValue(1);
        assertThat(lane.inFlight()).isEqualTo(1);
    }

    @Test
    void aHeartbeatKeepsTheTaskOfALongAttempt() {
        function.prompt = false;
        tasks(1);
        var lane = lane("d-1", 4);
        lane.offer(P);
        awaitAsked(1);
        String entry = redis.send(io.vertx.redis.client.Command.XPENDING, Keys.lane(P, "f"), Keys.GROUP, "-", "+", 1)
                .get(0)
                .get(0)
                .toString();
        redis.idle("f", "d-1", entry, 60_000);
        lane.heartbeat();
        lane("d-2", 4).reclaim(P, LEASE, 5);
        assertThat(function.asked).hasValue(1);
    }

    @Test
    void aTaskWhosePayloadIsGoneFailsAndFreesItsPlace() {
        redis.tasks.open(P, "f");
        String ref = "@sha256-" + "0".repeat(64);
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.step("/do/0/x"), "{}");
        redis.send(
                Command.XADD,
                Keys.lane(P, "f"),
                "*",
                "run",
                "r-1",
                "step",
                "/do/0/x",
                "attempt",
                1,
                "input",
                ref,
                "at",
                0);
        var lane = lane("d-1", 1);
        lane.offer(P);
        awaitResults(1);
        tasks(1);
        lane.offer(P);
        awaitResults(2);
    }
}

package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Keys;
import dev.sluice.queue.LaneName;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Place;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Priority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final LaneName NAME = LaneName.of("f");
    private static final Partition OTHER = new Partition("default", "test", 1);

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer function = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private int deliveriesMax = 5;

    @AfterEach
    void close() {
        function.answerAll();
        threads.shutdown();
        function.close();
        http.close();
    }

    private Lane lane(String consumer, int window, Clock clock) {
        var tools = new LaneTools(
                redis.tasks,
                store.runs,
                store.events,
                new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock),
                threads,
                clock,
                consumer,
                new Counts(metrics),
                () -> false,
                partition -> OptionalLong.of(0),
                new LaneTools.Terms(LEASE, deliveriesMax, 0.75),
                new Settler(redis.tasks, threads),
                redis.turnstile(consumer));
        return new Lane(
                new FunctionTarget("f", function.url(), WindowBounds.fixed(window), Duration.ofSeconds(60)), tools);
    }

    private Lane lane(String consumer, int window) {
        return lane(consumer, window, Clock.fixed(T0, ZoneOffset.UTC));
    }

    private void tasks(int count) {
        for (int i = 0; i < count; i++) redis.addTask("f", "r-" + i, 1);
    }

    private List<Place> expired() {
        return redis.sweep.look(List.of(P)).expired();
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
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
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
        var lane = lane("d-1", 2);
        lane.offer(P);
        awaitAsked(2);
        redis.addTask(OTHER, NAME, "r-other", 1, T0);
        lane.offer(OTHER);
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
        lane[0].reclaim(List.of(new Place(P, NAME, "1-1")));
        awaitResults(1);
    }

    @Test
    void aTaskWhoseDispatcherDiedIsDeliveredByAnother() {
        tasks(1);
        redis.tasks.take(P, "f", "d-dead", 1, T0, task -> "");
        redis.endLeases();
        lane("d-2", 4).reclaim(expired());
        awaitResults(1);
        assertThat(metrics.counter("sluice.tasks.reclaimed").count()).isEqualTo(1);
    }

    @Test
    void whenTwoDeliveriesOfATaskAnswerOneResultCounts() {
        function.prompt = false;
        tasks(1);
        lane("d-1", 4).offer(P);
        awaitAsked(1);
        redis.endLeases();
        lane("d-2", 4).reclaim(expired());
        awaitAsked(2);
        function.answerAll();
        await().untilAsserted(() ->
                assertThat(metrics.counter("sluice.results.duplicate").count()).isEqualTo(1));
        assertThat(redis.length(Keys.inbox(P))).isEqualTo(1);
    }

    @Test
    void aTaskThatWasDeliveredTooOftenIsGivenUpWithItsReason() {
        tasks(1);
        redis.tasks.take(P, "f", "d-dead", 1, T0, task -> "");
        redis.endLeases();
        deliveriesMax = 1;
        lane("d-2", 4).reclaim(expired());
        awaitResults(1);
        assertThat(redis.stream(Keys.inbox(P)).getFirst().get("d")).contains("SL4014");
        assertThat(function.asked).hasValue(0);
    }

    @Test
    void whatThisDispatcherWorksOnItselfIsNotTakenOver() {
        function.prompt = false;
        tasks(1);
        var lane = lane("d-1", 4);
        lane.offer(P);
        awaitAsked(1);
        redis.endLeases();
        lane.reclaim(expired());
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
        redis.endLeases();
        lane.heartbeat();
        lane("d-2", 4).reclaim(expired());
        assertThat(function.asked).hasValue(1);
    }

    @Test
    void aTaskWhosePayloadIsGoneFailsAndFreesItsPlace() {
        String ref = "@sha256-" + "0".repeat(64);
        redis.send(Command.HSET, Keys.run(P, "r-1"), Keys.step("/do/0/x"), "{}");
        redis.addEntry(P, NAME, "run", "r-1", "step", "/do/0/x", "attempt", 1, "input", ref, "at", 0);
        var lane = lane("d-1", 1);
        lane.offer(P);
        awaitResults(1);
        tasks(1);
        lane.offer(P);
        awaitResults(2);
    }

    @Test
    void resultsThatComeTogetherAreStoredTogether() {
        function.prompt = false;
        tasks(40);
        lane("d-1", 40).offer(P);
        awaitAsked(40);
        long before = calls();
        function.answerAll();
        awaitResults(40);
        assertThat(calls() - before).isLessThan(40);
    }

    private long calls() {
        String stats = redis.send(Command.INFO, "commandstats").toString();
        var calls =
                java.util.regex.Pattern.compile("cmdstat_evalsha:calls=(\\d+)").matcher(stats);
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    @Test
    void aSlowTenantDoesNotHoldUpAnother() {
        function.prompt = false;
        for (int i = 0; i < 50; i++) redis.addTask(new LaneName(Priority.NORMAL, "slow", "f"), "r-slow" + i, 1, T0);
        for (int i = 0; i < 20; i++) redis.addTask(new LaneName(Priority.NORMAL, "quick", "f"), "r-quick" + i, 1, T0);
        var lane = lane("d-1", 8);
        lane.offer(P);
        // Those of the one tenant are answered as they come, those of the other never.
        await().untilAsserted(() -> {
            function.open.stream()
                    .filter(r -> r.getHeader("ce-sluicerun").startsWith("r-quick"))
                    .forEach(r -> function.answer(r, "{}"));
            lane.offer(P);
            assertThat(redis.length(Keys.inbox(P))).isEqualTo(20);
        });
        assertThat(function.asked.get()).isLessThanOrEqualTo(20 + 8);
    }

    @Test
    void placesOfATenantThatIsAloneAreNotLeftEmpty() {
        function.prompt = false;
        for (int i = 0; i < 9; i++) redis.addTask(new LaneName(Priority.NORMAL, "acme", "f"), "r-" + i, 1, T0);
        lane("d-1", 8).offer(P);
        awaitAsked(8);
    }
}

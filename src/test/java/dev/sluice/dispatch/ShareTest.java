package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.LaneName;
import dev.sluice.queue.LaneSettings;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.SilentChannels;
import dev.sluice.store.RealStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several dispatchers on one Redis, each as a process of its own would be. */
class ShareTest {
    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer orchestrator = new FunctionServer();
    private final FunctionServer function = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    private record Lanes(Duration normalAfter, Duration lowAfter, double tenantShare, OptionalInt tenantConcurrency)
            implements LaneSettings {}

    /** One that hears no hints: the sweep alone. */
    private Dispatcher start() {
        var settings = new DispatcherTest.Settings(
                orchestrator.url(),
                function.url() + "{function}",
                Optional.empty(),
                "1.1",
                new DispatcherTest.Bounds(8, 8, 8),
                Map.of(),
                Duration.ofMillis(50),
                Duration.ofSeconds(15),
                Duration.ofSeconds(5),
                5);
        var counts = new Counts(metrics);
        var clock = Clock.systemUTC();
        var channels = new SilentChannels() {
            @Override
            public void onHint(Consumer<Hint> listener) {}
        };
        var dispatcher = new Dispatcher(
                settings,
                new Lanes(Duration.ofSeconds(30), Duration.ofMinutes(5), 0.75, OptionalInt.empty()),
                redis.partitions,
                redis.dispatchers,
                redis.inbox,
                redis.tasks,
                redis.sweep,
                redis.turnstiles(),
                channels,
                store.runs,
                store.events,
                new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock),
                new Sink(Optional.empty(), store.outbox, redis.leases, redis.partitions, http, counts, clock, threads),
                http,
                counts,
                clock,
                threads);
        dispatcher.start();
        dispatchers.add(dispatcher);
        return dispatcher;
    }

    @AfterEach
    void close() {
        dispatchers.forEach(dispatcher -> dispatcher.stop(Duration.ZERO));
        function.answerAll();
        threads.shutdown();
        orchestrator.close();
        function.close();
        http.close();
    }

    private void tasks(Partition p, int count) {
        for (int i = 0; i < count; i++) {
            redis.addTask(
                    p, LaneName.of("f"), p.tag() + "-" + i, 1, Clock.systemUTC().instant());
        }
    }

    private long results() {
        return redis.partitions.all().stream()
                .mapToLong(p -> redis.length(Keys.inbox(p)))
                .sum();
    }

    @Test
    void twoShareTheWorkAndNoTaskIsAskedForTwice() {
        redis.partitions.all().forEach(p -> tasks(p, 100));
        start();
        start();
        await().untilAsserted(() -> assertThat(results()).isEqualTo(200));
        assertThat(function.asked).hasValue(200);
        assertThat(metrics.counter("sluice.results.duplicate").count()).isZero();
    }

    @Test
    void whatOneHasInFlightWhenItsTimeIsUpIsDoneByTheOtherAtOnce() {
        function.prompt = false;
        tasks(P, 3);
        Dispatcher first = start();
        await().untilAsserted(() -> assertThat(function.asked).hasValue(3));
        first.stop(Duration.ZERO);
        start();
        await().untilAsserted(() -> assertThat(function.asked).hasValue(6));
        function.answerAll();
        await().untilAsserted(() -> assertThat(results()).isEqualTo(3));
        // A task that was handed back was not lost with its dispatcher.
        assertThat(metrics.counter("sluice.tasks.reclaimed").count()).isZero();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
    }

    @Test
    void whoStopsTakesNothingMoreAndWaitsForWhatItHas() {
        function.prompt = false;
        tasks(P, 20);
        Dispatcher first = start();
        await().untilAsserted(() -> assertThat(function.asked).hasValue(8));
        threads.execute(() -> first.stop(Duration.ofSeconds(60)));
        await().until(() -> redis.send(Command.EXISTS, Keys.dispatcher(P)).toInteger() == 0);
        function.answerAll();
        await().untilAsserted(() -> assertThat(results()).isEqualTo(8));
        assertThat(function.asked).hasValue(8);
        assertThat(redis.sweep.depth(P)).isEqualTo(12);
    }

    @Test
    void aTaskThatWasPutOffIsDeliveredWhenItsTimeHasCome() {
        tasks(P, 1);
        var now = Clock.systemUTC().instant();
        var taken = redis.tasks.take(P, "f", "d-0", 1, now, task -> "");
        redis.tasks.giveBack(taken, "d-0", Duration.ofMillis(700));
        start();
        await().during(Duration.ofMillis(300)).until(() -> function.asked.get() == 0);
        await().untilAsserted(() -> assertThat(results()).isEqualTo(1));
    }
}

package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Hint;
import dev.sluice.queue.Keys;
import dev.sluice.queue.LaneSettings;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.SilentChannels;
import dev.sluice.store.RealStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sweep alone: every hint is lost. */
class DispatcherTest {
    private record Function(Optional<URI> url, Optional<String> http, Places window, Optional<Duration> timeout)
            implements DispatchSettings.FunctionSettings {}

    private record Places(OptionalInt max) implements DispatchSettings.OwnWindow {
        @Override
        public OptionalInt min() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt initial() {
            return OptionalInt.empty();
        }
    }

    record Bounds(int min, int max, int initial) implements DispatchSettings.WindowSettings {}

    record Settings(
            URI orchestratorUrl,
            String functionUrl,
            Optional<String> namespace,
            String http,
            WindowSettings window,
            Map<String, FunctionSettings> functions,
            Duration sweepInterval,
            Duration lease,
            Duration partitionLease,
            int deliveriesMax)
            implements DispatchSettings {}

    private record Lanes() implements LaneSettings {
        @Override
        public Duration normalAfter() {
            return Duration.ofSeconds(30);
        }

        @Override
        public Duration lowAfter() {
            return Duration.ofMinutes(5);
        }

        @Override
        public double tenantShare() {
            return 0.75;
        }

        @Override
        public OptionalInt tenantConcurrency() {
            return OptionalInt.empty();
        }
    }

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final FunctionServer orchestrator = new FunctionServer();
    private final FunctionServer function = new FunctionServer();
    private final FunctionServer hanging = new FunctionServer();
    private final FunctionServer sink = new FunctionServer();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, DispatchSettings.FunctionSettings> functions = new HashMap<>();
    private final AtomicReference<Consumer<Hint>> hints = new AtomicReference<>();
    private Dispatcher dispatcher;

    private void start() {
        start(Clock.systemUTC());
    }

    /** Only what a test says itself. */
    private SilentChannels channels() {
        return new SilentChannels() {
            @Override
            public void onHint(Consumer<Hint> listener) {
                hints.set(listener);
            }
        };
    }

    private Sink sink(Clock clock) {
        var counts = new Counts(new SimpleMeterRegistry());
        var url = Optional.of(sink.url().toString());
        return new Sink(url, store.outbox, redis.leases, redis.partitions, http, counts, clock, threads);
    }

    private void start(Clock clock) {
        var settings = new Settings(
                orchestrator.url(),
                function.url() + "{function}",
                Optional.empty(),
                "1.1",
                new Bounds(1, 16, 16),
                functions,
                Duration.ofMillis(50),
                Duration.ofMillis(300),
                Duration.ofSeconds(5),
                5);
        dispatcher = new Dispatcher(
                settings,
                new Lanes(),
                redis.partitions,
                redis.dispatchers,
                redis.inbox,
                redis.tasks,
                redis.sweep,
                redis.turnstiles(),
                channels(),
                store.runs,
                store.events,
                new FunctionCalls(store.payloads, store.secrets(), store.tokens(), http, clock),
                sink(clock),
                http,
                new Counts(new SimpleMeterRegistry()),
                clock,
                threads);
        dispatcher.start(Optional.empty());
    }

    @AfterEach
    void close() {
        if (dispatcher != null) dispatcher.stop(Duration.ZERO);
        hanging.answerAll();
        threads.shutdown();
        for (var server : new FunctionServer[] {orchestrator, function, hanging, sink}) server.close();
        http.close();
    }

    private void task(String name) {
        redis.addTask(name, "r-" + name, 1);
        redis.send(Command.SADD, Keys.functions(), name);
    }

    private void awaitResult(String run) {
        await().untilAsserted(() -> assertThat(redis.stream(Keys.inbox(P)))
                .extracting(e -> e.get("run"))
                .contains(run));
    }

    @Test
    void aTaskIsDeliveredAndTheOrchestratorWokenWithoutAnyHint() {
        task("f");
        start();
        awaitResult("r-f");
        await().until(() -> orchestrator.asked.get() > 0);
    }

    @Test
    void aDueTimerWakesTheOrchestratorWithoutAnyHint() {
        redis.send(Command.ZADD, Keys.timers(P), 1, "r-1\n{}");
        start();
        await().until(() -> orchestrator.asked.get() > 0);
        assertThat(redis.length(Keys.inbox(P))).isEqualTo(1);
    }

    @Test
    void aFunctionThatHangsDoesNotHoldUpAnother() {
        hanging.prompt = false;
        functions.put(
                "a",
                new Function(
                        Optional.of(hanging.url()),
                        Optional.empty(),
                        new Places(OptionalInt.of(1)),
                        Optional.of(Duration.ofMinutes(1))));
        task("a");
        task("b");
        start();
        awaitResult("r-b");
        assertThat(redis.pending(Keys.lane(P, "a"))).isEqualTo(1);
    }

    @Test
    void aFunctionThatCannotBeDeliveredToDoesNotHoldUpTheOnesBehindIt() {
        task("a name that fits no URL");
        task("b");
        start();
        awaitResult("r-b");
    }

    @Test
    void aTaskThatTakesLongerThanTheLeaseIsAskedForOnce() {
        hanging.prompt = false;
        functions.put(
                "a",
                new Function(
                        Optional.of(hanging.url()),
                        Optional.empty(),
                        new Places(OptionalInt.of(1)),
                        Optional.of(Duration.ofMinutes(1))));
        task("a");
        start();
        // Three leases.
        await().during(Duration.ofMillis(900)).until(() -> hanging.asked.get() <= 1);
        assertThat(hanging.asked).hasValue(1);
    }

    @Test
    void aTaskInFlightLostItsLeaseWhileItsDispatcherWaitedForItToEnd() {
        hanging.prompt = false;
        functions.put(
                "a",
                new Function(
                        Optional.of(hanging.url()),
                        Optional.empty(),
                        new Places(OptionalInt.of(1)),
                        Optional.of(Duration.ofMinutes(1))));
        task("a");
        start();
        await().until(() -> hanging.asked.get() == 1);
        threads.execute(() -> dispatcher.stop(Duration.ofSeconds(30)));
        // Three leases.
        await().during(Duration.ofMillis(900))
                .until(() -> redis.sweep.look(List.of(P)).expired().isEmpty());
        hanging.answerAll();
        awaitResult("r-a");
    }

    @Test
    void aTaskOfADispatcherThatDiedIsDelivered() {
        task("f");
        redis.tasks.take(P, "f", "d-dead", 1, RealRedis.T0, task -> "");
        redis.endLeases();
        start();
        awaitResult("r-f");
    }

    @Test
    void aLackOfMemoryEndedTheSweepForGood() {
        task("f");
        var scarce = new AtomicBoolean(true);
        start(new Clock() {
            @Override
            public Instant instant() {
                if (scarce.getAndSet(false)) throw new OutOfMemoryError("for a moment");
                return Instant.now();
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        });
        awaitResult("r-f");
    }

    @Test
    void anAttemptThatNobodyWaitsForIsEndedByTheLeaseCheckWhenItsHintWasLost() throws Exception {
        hanging.prompt = false;
        functions.put(
                "a",
                new Function(
                        Optional.of(hanging.url()),
                        Optional.empty(),
                        new Places(OptionalInt.of(1)),
                        Optional.of(Duration.ofMinutes(1))));
        task("a");
        start();
        await().until(() -> hanging.asked.get() == 1);
        redis.send(Command.HSET, Keys.run(P, "r-a"), Keys.ENDED, "1");
        hanging.abandoned.get(10, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(redis.pending(Keys.lane(P, "a"))).isZero());
        assertThat(redis.length(Keys.inbox(P))).isZero();
    }

    @Test
    void aHintEndsTheAttemptAtOnceAlsoWhileTheDispatcherStops() throws Exception {
        hanging.prompt = false;
        functions.put(
                "a",
                new Function(
                        Optional.of(hanging.url()),
                        Optional.empty(),
                        new Places(OptionalInt.of(1)),
                        Optional.of(Duration.ofMinutes(1))));
        task("a");
        start();
        await().until(() -> hanging.asked.get() == 1);
        threads.execute(() -> dispatcher.stop(Duration.ofSeconds(30)));
        hints.get().accept(new Hint(P, Hint.Kind.ABORT, "r-a|/do/0/x|1"));
        hanging.abandoned.get(10, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(redis.length(Keys.lane(P, "a"))).isZero());
    }

    @Test
    void anEventForTheSinkLeavesByTheSweep() {
        store.outbox.toSink(P, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}");
        start();
        await().untilAsserted(() -> assertThat(sink.asked.get()).isEqualTo(1));
        await().untilAsserted(() -> assertThat(redis.length(Keys.sink(P))).isZero());
    }

    @Test
    void aStoppedDispatcherTakesNothingMore() {
        start();
        dispatcher.stop(Duration.ofSeconds(1));
        task("f");
        await().during(Duration.ofMillis(200)).until(() -> function.asked.get() == 0);
    }
}

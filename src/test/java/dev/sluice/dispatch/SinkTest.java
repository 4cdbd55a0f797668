package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.ProblemException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that fails, hangs, and is down. */
class SinkTest {
    private static final Partition OTHER = new Partition("default", "test", 1);
    private static final Sink.Times TIMES =
            new Sink.Times(Duration.ofSeconds(30), Duration.ofMillis(300), Duration.ofMillis(1), Duration.ofMillis(20));

    private final RealStore store = new RealStore();
    private final RealRedis redis = store.redis;
    private final Scripted server = new Scripted();
    private final Http http = new Http(RealRedis.VERTX);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<Sink> sinks = new ArrayList<>();
    private final Sink sink = sink(server.url().toString(), TIMES);

    private Sink sink(String url, Sink.Times times) {
        var made = new Sink(
                Optional.of(url),
                store.outbox,
                redis.leases,
                redis.partitions,
                http,
                new Counts(metrics),
                Clock.fixed(T0, ZoneOffset.UTC),
                threads,
                times);
        sinks.add(made);
        return made;
    }

    @AfterEach
    void close() {
        sinks.forEach(Sink::stop);
        threads.close();
        server.close();
        http.close();
    }

    private void events(Partition partition, int from, int to) {
        for (int i = from; i < to; i++) {
            store.outbox.toSink(
                    partition,
                    "{\"specversion\":\"1.0\",\"id\":\"" + i + "\",\"source\":\"/s\",\"type\":\"t\",\"data\":{\"n\":"
                            + i + "}}");
        }
    }

    private void awaitEmpty() {
        await().untilAsserted(() -> assertThat(redis.length(Keys.sink(P))).isZero());
    }

    private List<String> ids(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    private long count(String outcome) {
        return Math.round(
                metrics.counter("sluice.sink.events", "outcome", outcome).count());
    }

    /** So many answers of that status, then 204. */
    private void failing(int times, int status) {
        var left = new AtomicInteger(times);
        server.script = (received, response) -> response.setStatusCode(left.getAndDecrement() > 0 ? status : 204)
                .end();
    }

    @Test
    void eventsArriveAsCloudEventsInTheirOrder() {
        events(P, 0, 50);
        sink.sweep();
        awaitEmpty();
        assertThat(server.headers("ce-id")).isEqualTo(ids(0, 50));
        assertThat(server.received.get(7).body()).isEqualTo("{\"n\":7}");
        assertThat(server.received.get(7).header("content-type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 408, 429, 302})
    void aSinkThatFailsGetsTheSameEventAgainAndNoneBeforeIt(int status) {
        failing(3, status);
        events(P, 0, 3);
        sink.sweep();
        awaitEmpty();
        assertThat(server.headers("ce-id")).containsExactly("0", "0", "0", "0", "1", "2");
        assertThat(redis.dead(P)).isEmpty();
    }

    @Test
    void aSinkThatIsDownGetsTheEventsWhenItIsBack() {
        server.down();
        events(P, 0, 2);
        sink.sweep();
        await().until(() -> count("failed") > 3);
        server.up();
        awaitEmpty();
        assertThat(server.headers("ce-id")).containsExactly("0", "1");
    }

    @Test
    void aSinkThatHangsIsAskedAgainAfterTheTimeout() {
        var asked = new AtomicInteger();
        server.script = (received, response) -> {
            if (asked.getAndIncrement() > 0) response.end();
        };
        events(P, 0, 1);
        sink.sweep();
        awaitEmpty();
        assertThat(server.headers("ce-id")).containsExactly("0", "0");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 413, 422})
    void anEventThatIsRefusedGoesToTheDeadLettersAndTheOthersGoOn(int status) {
        server.script = (received, response) -> response.setStatusCode(
                        received.header("ce-id").equals("1") ? status : 202)
                .end();
        events(P, 0, 3);
        sink.sweep();
        awaitEmpty();
        assertThat(server.headers("ce-id")).containsExactly("0", "1", "2");
        assertThat(redis.dead(P)).singleElement().satisfies(dead -> {
            assertThat(dead.get("d")).contains("\"id\":\"1\"");
            assertThat(dead.get("reason")).contains("SL4025").contains("answered " + status);
            assertThat(dead.get("from")).isEqualTo(Keys.sink(P));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "{\"a b\":1}",
                "@sha256-0000000000000000000000000000000000000000000000000000000000000000"
            })
    void anEventThatCannotBeReadDoesNotBlockTheOthers(String packed) {
        store.outbox.toSink(P, packed);
        events(P, 0, 1);
        sink.sweep();
        awaitEmpty();
        assertThat(server.headers("ce-id")).containsExactly("0");
        assertThat(redis.dead(P)).hasSize(1);
    }

    @Test
    void aPartitionThatWaitsDoesNotHoldUpAnother() {
        server.script = (received, response) -> response.setStatusCode(
                        received.header("ce-id").equals("0") ? 500 : 202)
                .end();
        events(P, 0, 1);
        events(OTHER, 1, 9);
        sink.sweep();
        await().untilAsserted(() -> assertThat(redis.length(Keys.sink(OTHER))).isZero());
        assertThat(redis.length(Keys.sink(P))).isEqualTo(1);
    }

    @Test
    void oneDispatcherSendsAndAnotherTakesOverWhenItStops() {
        server.answer(503);
        events(P, 0, 1);
        sink.sweep();
        await().until(() -> count("failed") > 1);
        Sink other = sink(server.url().toString(), TIMES);
        other.sweep();
        assertThat(redis.send(io.vertx.redis.client.Command.GET, Keys.sinkLease(P)))
                .isNotNull();
        sink.stop();
        server.answer(202);
        await().until(() -> {
            other.sweep();
            return redis.length(Keys.sink(P)) == 0;
        });
    }

    @Test
    void whatAnotherDispatcherSendsIsLeftToIt() {
        redis.leases.hold(Keys.sinkLease(P), "another", Duration.ofMinutes(1));
        events(P, 0, 1);
        events(OTHER, 1, 2);
        sink.sweep();
        await().untilAsserted(() -> assertThat(redis.length(Keys.sink(OTHER))).isZero());
        sink.stop();
        threads.close();
        assertThat(server.headers("ce-id")).containsExactly("1");
    }

    @Test
    void theLeaseOfADispatcherThatDiedEndsByItself() {
        redis.leases.hold(Keys.sinkLease(P), "dead", Duration.ofMillis(100));
        events(P, 0, 1);
        await().until(() -> {
            sink.sweep();
            return redis.length(Keys.sink(P)) == 0;
        });
        await().until(() -> redis.send(io.vertx.redis.client.Command.GET, Keys.sinkLease(P)) == null);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1000",
        "2, 0, 2000",
        "3, 7, 7000",
        "6, 0, 32000",
        "7, 0, 60000",
        "999, 0, 60000",
        "1, 3600, 60000"
    })
    void theWaitDoublesUpToAMinuteUnlessTheSinkAsksForMore(int failures, int asked, long millis) {
        assertThat(Sink.Times.DEFAULT.waitAfter(failures, Duration.ofSeconds(asked)))
                .hasMillis(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sink", "ftp://x/", "http://", "http://a b/"})
    void anAddressThatIsNoneIsToldAtTheStart(String url) {
        assertThatThrownBy(() -> sink(url, TIMES))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("SL1007")
                .hasMessageContaining(url);
    }

    @Test
    void withoutAnAddressNothingIsSent() {
        events(P, 0, 1);
        sink(" ", TIMES).sweep();
        assertThat(redis.length(Keys.sink(P))).isEqualTo(1);
        assertThat(redis.keys()).noneMatch(key -> key.endsWith("sink-lease"));
    }
}

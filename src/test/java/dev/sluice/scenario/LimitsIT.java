package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.redis.RedisSetup;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A limit by customer, and processes that are killed or stand still while tasks hold permits and wait for them. */
class LimitsIT {
    private static final int RUNS = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String WORKFLOW = """
            document:
              dsl: '1.0.3'
              namespace: default
              name: limited
              version: '1.0.0'
              metadata: { queue: { limits: [ { name: customer, key: '${ .customer }', max: 3 } ] } }
            do: [ { x: { call: slow, with: { n: '${ .n }' } } } ]
            """;

    /** What the function sees from one moment on. */
    private static final class Seen {
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger openMax = new AtomicInteger();
        private final Queue<Long> fences = new ConcurrentLinkedQueue<>();
        private final CountDownLatch held = new CountDownLatch(1);
    }

    @TempDir
    Path directory;

    private final RedisSetup redis = RedisSetup.standalone("everysec");
    private volatile Seen seen = new Seen();
    private HttpServer functions;

    @BeforeEach
    void serve() throws IOException {
        functions = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        functions.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        functions.createContext("/", this::slow);
        functions.start();
    }

    @AfterEach
    void close() {
        seen.held.countDown();
        functions.stop(0);
        redis.close();
    }

    private void slow(HttpExchange exchange) throws IOException {
        Seen by = seen;
        by.openMax.accumulateAndGet(by.open.incrementAndGet(), Math::max);
        by.fences.add(Long.parseLong(exchange.getRequestHeaders().getFirst("ce-sluicefence")));
        try {
            by.held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        by.open.decrementAndGet();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 2);
        exchange.getResponseBody().write(new byte[] {'{', '}'});
        exchange.close();
    }

    private Sluice start(String name, String roles, int coordinator) throws IOException {
        var options = new ArrayList<>(redis.options());
        options.addAll(List.of(
                "-Dsluice.roles=" + roles,
                "-Dsluice.dispatch.lease=3s",
                "-Dsluice.dispatch.functions.slow.url=http://127.0.0.1:"
                        + functions.getAddress().getPort() + "/",
                "-Dsluice.functions.slow.concurrency=50",
                "-Dsluice.functions.slow.rate.requests-per-minute=100000",
                "-Dsluice.lanes.tenant-concurrency=50"));
        int port = Sluice.freePort();
        if (coordinator > 0) options.add("-Dsluice.url=http://127.0.0.1:" + coordinator);
        return Sluice.startOn(
                coordinator < 0 ? -coordinator : port,
                Files.createDirectory(directory.resolve(name)),
                options.toArray(String[]::new));
    }

    private static List<String> begin(Sluice sluice) {
        Answer deployed = sluice.post("/v1/workflows", "application/yaml", WORKFLOW);
        assertThat(deployed.status()).as(deployed.text()).isIn(200, 201);
        var runs = new ArrayList<String>();
        for (int n = 0; n < RUNS; n++) {
            String input = "{\"customer\":\"acme\",\"n\":" + n + "}";
            Answer answer = sluice.post("/v1/workflows/limited/runs", "application/json", input);
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            runs.add(answer.body().path("id").asText());
        }
        return runs;
    }

    private static long waitingForTheLimit(Sluice sluice, List<String> runs) {
        return runs.stream()
                .map(run -> sluice.run(run).body().path("steps").path(0).path("waitingFor"))
                .filter(wait -> wait.path("kind").asText().equals("limit")
                        && wait.path("text").asText().contains("limit default.limited/customer=acme (3 of 3 taken)"))
                .count();
    }

    private long greatestFence() {
        return seen.fences.stream().mapToLong(fence -> fence).max().orElseThrow();
    }

    /** Each has succeeded by one attempt, and no permit is held or waited for. */
    private void assertAllIsDone(Sluice sluice, List<String> runs) {
        await().atMost(PATIENCE).until(() -> sluice.count("succeeded") == RUNS);
        for (String run : runs) {
            JsonNode step = sluice.run(run).body().path("steps").path(0);
            assertThat(step.path("status").asText()).isEqualTo("succeeded");
            assertThat(step.path("attempts")).hasSize(1);
        }
        var node = redis.nodes().getFirst();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(node.say("KEYS", "sluice:{limit:*}:holders")).isEmpty();
            assertThat(node.say("KEYS", "sluice:{limit:*}:waiting")).isEmpty();
        });
    }

    @Test
    void aLimitHoldsOverAKillAndNoPermitIsLost() throws Exception {
        try (Sluice sluice = start("all", "api,dispatcher,orchestrator", 0)) {
            List<String> runs = begin(sluice);
            await().atMost(PATIENCE).until(() -> waitingForTheLimit(sluice, runs) == RUNS - 3);
            assertThat(seen.openMax).hasValue(3);
            long before = greatestFence();
            sluice.kill();
            // The three that the dead process asked for go on at the function: whoever comes next has a greater token.
            seen = new Seen();
            sluice.start();
            await().atMost(PATIENCE).until(() -> seen.open.get() == 3);
            assertThat(seen.fences).allMatch(fence -> fence > before);
            seen.held.countDown();
            assertAllIsDone(sluice, runs);
            assertThat(seen.openMax).hasValue(3);
        }
    }

    @Test
    void aDispatcherThatStandsStillForLongerThanItsLeaseLosesItsPermitsToOthersWithGreaterTokens() throws Exception {
        int port = Sluice.freePort();
        try (Sluice core = start("core", "api,orchestrator", -port);
                Sluice first = start("first", "dispatcher", port)) {
            List<String> runs = begin(core);
            await().atMost(PATIENCE).until(() -> waitingForTheLimit(core, runs) == RUNS - 3);
            long before = greatestFence();
            Seen stopped = seen;
            signal(first, "STOP");
            seen = new Seen();
            try (Sluice second = start("second", "dispatcher", port)) {
                await().atMost(PATIENCE).until(() -> seen.open.get() == 3);
                assertThat(seen.fences).allMatch(fence -> fence > before);
                signal(first, "CONT");
                // Late answers to the one that stood still free nothing that the other holds.
                stopped.held.countDown();
                seen.held.countDown();
                assertAllIsDone(core, runs);
                assertThat(seen.openMax.get()).isLessThanOrEqualTo(3);
                assertThat(second.isAlive()).isTrue();
            }
        }
    }

    private static void signal(Sluice sluice, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder(
                "kill", "-" + name, String.valueOf(sluice.process().pid()));
        assertThat(kill.inheritIO().start().waitFor()).isZero();
    }
}

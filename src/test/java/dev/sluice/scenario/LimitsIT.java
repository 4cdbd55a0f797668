package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A workflow with a limit by customer, in a process that is killed while tasks hold permits and wait for them. */
class LimitsIT {
    private static final int RUNS = 40;
    private static final String WORKFLOW =
            """
            document:
              dsl: '1.0.3'
              namespace: default
              name: limited
              version: '1.0.0'
              metadata: { queue: { limits: [ { name: customer, key: '${ .customer }', max: 3 } ] } }
            do: [ { x: { call: slow, with: { n: '${ .n }' } } } ]
            """;

    @TempDir
    Path directory;

    /** What the function sees of one process. */
    private static final class Seen {
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger openMax = new AtomicInteger();
        private final Queue<Long> fences = new ConcurrentLinkedQueue<>();
    }

    private volatile Seen seen = new Seen();
    private final CountDownLatch held = new CountDownLatch(1);
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
        held.countDown();
        functions.stop(0);
    }

    private void slow(HttpExchange exchange) throws IOException {
        Seen of = seen;
        of.openMax.accumulateAndGet(of.open.incrementAndGet(), Math::max);
        of.fences.add(Long.parseLong(exchange.getRequestHeaders().getFirst("ce-sluicefence")));
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        of.open.decrementAndGet();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 2);
        exchange.getResponseBody().write(new byte[] {'{', '}'});
        exchange.close();
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

    private static boolean haveSucceeded(Sluice sluice) {
        return sluice.count("succeeded") == RUNS;
    }

    @Test
    void aLimitHoldsOverAKillAndNoPermitIsLost() throws Exception {
        String url = "http://127.0.0.1:" + functions.getAddress().getPort() + "/";
        try (Sluice sluice = Sluice.start(
                directory,
                "-Dsluice.dispatch.lease=3s",
                "-Dsluice.dispatch.functions.slow.url=" + url,
                "-Dsluice.functions.slow.concurrency=50",
                "-Dsluice.functions.slow.rate.requests-per-minute=100000",
                "-Dsluice.lanes.tenant-concurrency=50")) {
            List<String> runs = begin(sluice);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> waitingForTheLimit(sluice, runs) == RUNS - 3);
            assertThat(seen.openMax).hasValue(3);
            long before = seen.fences.stream().mapToLong(fence -> fence).max().orElseThrow();
            sluice.kill();
            // The three that the dead process asked for go on at the function: whoever comes next has a greater token.
            seen = new Seen();
            sluice.start();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> seen.open.get() == 3);
            assertThat(seen.fences).allMatch(fence -> fence > before);
            held.countDown();
            Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> haveSucceeded(sluice));
            assertThat(seen.openMax).hasValue(3);
            assertNothingWaits(sluice, runs);
        }
    }

    private static void assertNothingWaits(Sluice sluice, List<String> runs) {
        for (String run : runs) {
            JsonNode step = sluice.run(run).body().path("steps").path(0);
            assertThat(step.path("status").asText()).isEqualTo("succeeded");
            assertThat(step.path("attempts")).hasSize(1);
        }
    }
}

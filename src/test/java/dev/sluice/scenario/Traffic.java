package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients and functions that go on while something breaks, as they should: what was not answered is sent again with the
 * same key. A run needs its start, an answer of a function, a signal and a result that is sent later, so that one that
 * succeeds has lost none of them.
 */
final class Traffic implements AutoCloseable {
    private static final String JSON = "application/json";

    private static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: test, name: traffic, version: '1.0.0' }
            do:
              - first: { call: echo, with: { n: '${ .n }' } }
              - hear: { listen: { to: { one: { with: { type: traffic.go } } } } }
              - later: { call: later, with: { } }
              - last: { call: echo, with: { n: 9 } }
            """;

    /** Goes on without anybody from outside: an answer, a timer, another answer. */
    private static final String ALONE = """
            document: { dsl: '1.0.1', namespace: test, name: alone, version: '1.0.0' }
            do:
              - first: { call: hold, with: { } }
              - pause: { wait: { milliseconds: 300 } }
              - last: { call: echo, with: { n: 9 } }
            """;

    private final HttpServer functions;
    private final CountDownLatch held = new CountDownLatch(1);
    private final String name = "traffic-" + Long.toString(System.nanoTime(), 36);
    private final AtomicInteger next = new AtomicInteger();
    /** Run by the key of its start. */
    private final Map<String, String> accepted = new ConcurrentHashMap<>();

    private final Queue<Thread> clients = new ConcurrentLinkedQueue<>();
    /** Every answer that was neither yes nor "it is done already". */
    final Queue<Answer> refusals = new ConcurrentLinkedQueue<>();

    private final int padding;
    private volatile Sluice server;
    private volatile boolean stopping;
    private volatile boolean closed;

    /** @param padding characters that each run's input has beside its number */
    Traffic(int padding) throws IOException {
        this.padding = padding;
        functions = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        functions.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        functions.createContext(
                "/echo",
                exchange -> answer(exchange, "", exchange.getRequestBody().readAllBytes()));
        functions.createContext("/later", this::later);
        functions.createContext("/hold", this::hold);
        functions.start();
    }

    /** Options with which a server calls the functions here. */
    List<String> options(List<String> more) {
        var options = new ArrayList<>(more);
        for (String function : List.of("echo", "later", "hold")) {
            options.add("-Dsluice.dispatch.functions." + function + ".url=http://127.0.0.1:"
                    + functions.getAddress().getPort() + "/" + function);
        }
        // Shorter than the default only to shorten the tests: what was with a lost connection comes again sooner.
        options.add("-Dsluice.dispatch.lease=3s");
        return options;
    }

    void deployTo(Sluice deployed) {
        server = deployed;
        for (String workflow : List.of(WORKFLOW, ALONE)) {
            Answer answer = deployed.post("/v1/workflows", "application/yaml", workflow);
            assertThat(answer.status()).as(answer.text()).isIn(200, 201);
        }
    }

    /** Starts runs whose first function answers when {@link #letGo} is called. */
    List<String> beginHeld(int count) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            String key = name + "-" + next.incrementAndGet();
            Answer start = insist("/v1/workflows/alone/runs", "{}", key);
            ids.add(start.body().path("id").asText());
            accepted.put(key, ids.getLast());
        }
        return ids;
    }

    void letGo() {
        held.countDown();
    }

    private void hold(HttpExchange exchange) throws IOException {
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answer(exchange, "", exchange.getRequestBody().readAllBytes());
    }

    /** Lets {@code count} clients start one run after the other. */
    void begin(int count) {
        for (int i = 0; i < count; i++) {
            clients.add(Thread.ofVirtual().start(() -> {
                while (!stopping) startOne();
            }));
        }
    }

    /** Starts {@code count} runs, each by a client of its own. */
    void beginOnce(int count) {
        for (int i = 0; i < count; i++) clients.add(Thread.ofVirtual().start(this::startOne));
    }

    private void startOne() {
        int number = next.incrementAndGet();
        String key = name + "-" + number;
        String input = "{\"n\":" + number + ",\"padding\":\"" + "x".repeat(padding) + "\"}";
        Answer start = insist("/v1/workflows/traffic/runs", input, key);
        if (start == null) return;
        String id = start.body().path("id").asText();
        accepted.put(key, id);
        insist("/v1/runs/" + id + "/signals", "{\"type\":\"traffic.go\",\"data\":" + number + "}", key);
    }

    /** @return null when the test is over */
    private Answer insist(String path, String body, String key) {
        while (!closed) {
            try {
                Answer answer = server.post(path, JSON, body, "Idempotency-Key", key);
                // 409: the run went on by the request whose answer was lost.
                if (answer.status() == 202 || answer.status() == 409) return answer;
                refusals.add(answer);
            } catch (UncheckedIOException | IllegalStateException e) {
                // No answer: send it again.
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        return null;
    }

    private void later(HttpExchange exchange) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("ce-sluicetoken");
        exchange.getRequestBody().readAllBytes();
        Thread.ofVirtual().start(() -> insist("/v1/steps/" + token, "{\"late\":true}", token));
        answer(exchange, "dev.sluice.step.deferred.v1", "{\"heartbeat\":10}".getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", JSON);
            if (!type.isEmpty()) exchange.getResponseHeaders().set("ce-type", type);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    int accepted() {
        return accepted.size();
    }

    long succeeded() {
        return accepted.values().stream()
                .filter(id -> status(id).equals("succeeded"))
                .count();
    }

    private String status(String id) {
        JsonNode body = server.run(id).body();
        return body == null ? "" : body.path("status").asText();
    }

    void awaitMore(int runs) {
        int before = accepted();
        await("more runs").atMost(Duration.ofSeconds(60)).until(() -> accepted() >= before + runs);
    }

    /** No new runs; returns when what was begun is accepted. */
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread client : clients)
            assertThat(client.join(Duration.ofSeconds(60)))
                    .as("a client is stuck")
                    .isTrue();
    }

    /** Started = finished, each acknowledged run among them, and nothing left over. */
    void assertNothingWasLost(Duration patience) {
        assertThat(accepted).hasSize(next.get());
        await("all runs end: " + server.log())
                .atMost(patience)
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(server.count("succeeded")).isEqualTo(next.get()));
        JsonNode counts = server.get("/v1/runs?limit=1").body().path("counts");
        for (String other : List.of("running", "paused", "waiting", "queued", "cancelled", "failed")) {
            assertThat(counts.path(other).asLong()).as(other).isZero();
        }
        assertThat(accepted.values())
                .doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(status(id)).isEqualTo("succeeded"));
        JsonNode invariant = server.get("/v1/invariant").body();
        assertThat(invariant.path("findings")).as(invariant.toString()).isEmpty();
    }

    @Override
    public void close() {
        stopping = true;
        closed = true;
        letGo();
        functions.stop(0);
    }
}

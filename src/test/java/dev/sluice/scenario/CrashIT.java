package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.boot.TestRedis;
import dev.sluice.faults.RedisProxy;
import dev.sluice.queue.RealRedis;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole process with a workflow of every kind of step, killed with -9 at a write to Redis and started again:
 * {@code CrashTest} in earnest. A few of the writes here; {@code make crash} takes one in a hundred (those of the
 * sweeps count, too), or as many as {@code EVERY} says.
 */
class CrashIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final URI REDIS = URI.create(TestRedis.url());

    @TempDir
    Path directory;

    private final Set<String> effects = Collections.synchronizedSet(new TreeSet<>());
    private final Set<String> failed = Collections.synchronizedSet(new HashSet<>());
    private HttpServer functions;
    private RedisProxy proxy;

    @BeforeEach
    void open() throws IOException {
        functions = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        functions.createContext("/", this::answer);
        functions.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        functions.start();
        proxy = new RedisProxy(REDIS.getPort());
    }

    @AfterEach
    void close() throws IOException {
        functions.stop(0);
        proxy.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String function = exchange.getRequestHeaders().getFirst("ce-type");
        String key = exchange.getRequestHeaders().getFirst("ce-idempotencykey");
        String of = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean busy = function.equals("flaky") && failed.add(key);
        if (!busy) effects.add(key);
        byte[] body = ("{\"answer\":\"" + function + " " + of.replaceAll("[^0-9]", "") + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(busy ? 503 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void aProcessKilledAtAWriteLosesNothingAndDoesNothingTwice() throws IOException {
        JsonNode expected = run(0, false);
        int writes = proxy.writes();
        var done = new TreeSet<>(effects);
        int every = Integer.getInteger("sluice.crash.process.every", writes / 3);
        for (int write = 1 + every / 2; write <= writes; write += every) {
            for (boolean afterwards : new boolean[] {false, true}) {
                JsonNode output = run(write, afterwards);
                String when = "killed " + (afterwards ? "after" : "before") + " write " + write + " of " + writes;
                assertThat(output).as(when).isEqualTo(expected);
                assertThat(effects).as(when).isEqualTo(done);
            }
        }
    }

    private JsonNode run(int fatal, boolean afterwards) throws IOException {
        RealRedis.empty();
        effects.clear();
        failed.clear();
        Path own = Files.createDirectory(directory.resolve("w" + fatal + (afterwards ? "a" : "b")));
        try (Sluice sluice = Sluice.start(own, options())) {
            proxy.arm(fatal, afterwards, sluice::kill);
            String id = patiently(sluice, () -> begin(sluice));
            Awaitility.await("the end of the run")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        reviveIfKilled(sluice);
                        return sluice.isAlive() && hasEnded(sluice, id);
                    });
            JsonNode run = patiently(sluice, () -> sluice.run(id).body());
            assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
            return run.path("output");
        }
    }

    private String[] options() {
        String url = "http://127.0.0.1:" + functions.getAddress().getPort() + "/";
        var options = new java.util.ArrayList<>(List.of(
                "-Dquarkus.redis.hosts=redis://" + REDIS.getUserInfo() + "@127.0.0.1:" + proxy.port(),
                // Shorter waits; nothing else depends on them.
                "-Dsluice.dispatch.lease=1s",
                "-Dsluice.dispatch.sweep-interval=100ms"));
        for (String function : List.of("f", "g", "flaky", "later")) {
            options.add("-Dsluice.dispatch.functions." + function + ".url=" + url);
        }
        return options.toArray(String[]::new);
    }

    private static String begin(Sluice sluice) {
        for (String document : List.of("child.yaml", "everything.yaml")) {
            assertThat(sluice.post("/v1/workflows", "application/yaml", resource(document))
                            .status())
                    .isBetween(200, 201);
        }
        var started = sluice.post(
                "/v1/workflows/everything/runs", "application/json", "{\"order\": \"o-1\"}", "Idempotency-Key", "one");
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        String id = started.body().path("id").asText();
        String go =
                "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/me\", \"type\": \"go\", \"data\": {\"ok\": true}}";
        var signal = sluice.post("/v1/runs/" + id + "/signals", "application/cloudevents+json", go);
        assertThat(signal.status()).as(signal.text()).isBetween(200, 202);
        return id;
    }

    private boolean hasEnded(Sluice sluice, String id) {
        try {
            return Set.of("succeeded", "failed", "cancelled")
                    .contains(sluice.run(id).body().path("status").asText());
        } catch (UncheckedIOException | NullPointerException e) {
            return false;
        }
    }

    private void reviveIfKilled(Sluice sluice) {
        if (!proxy.hasKilled() || sluice.isAlive()) return;
        int counted = proxy.writes();
        proxy.arm(0, false, () -> {});
        try {
            sluice.start();
        } catch (IOException e) {
            throw new UncheckedIOException("started again after write " + counted, e);
        }
    }

    /** As a client does: what got no answer is sent again. */
    private <T> T patiently(Sluice sluice, java.util.function.Supplier<T> request) {
        return Awaitility.await("an answer")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            try {
                                return request.get();
                            } catch (UncheckedIOException | AssertionError e) {
                                reviveIfKilled(sluice);
                                return null;
                            }
                        },
                        java.util.Objects::nonNull);
    }

    private static String resource(String name) {
        try (InputStream in = CrashIT.class.getResourceAsStream("/crash/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

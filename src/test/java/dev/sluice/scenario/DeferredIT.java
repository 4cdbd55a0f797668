package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions outside that promise their result, or whose answer nobody waits for any more. */
class DeferredIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String JSON = "application/json";

    /** By function and attempt. */
    private static final Map<String, HttpServerRequest> ASKED = new ConcurrentHashMap<>();

    /** Runs whose attempt was left alone by its caller. */
    private static final Set<String> ABANDONED = ConcurrentHashMap.newKeySet();

    private static final CompletableFuture<HttpServerRequest> RACE_BEGAN = new CompletableFuture<>();

    @TempDir
    static Path directory;

    private static Vertx vertx;
    private static Sluice server;

    @BeforeAll
    static void start() throws IOException {
        vertx = Vertx.vertx();
        HttpServer functions = vertx.createHttpServer()
                .requestHandler(DeferredIT::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        server = Sluice.start(
                directory,
                "-Dsluice.dispatch.function-url=http://127.0.0.1:" + functions.actualPort() + "/",
                "-Dsluice.dispatch.lease=60s");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void answer(HttpServerRequest request) {
        String function = request.getHeader("ce-type");
        ASKED.put(function + " " + request.getHeader("ce-sluiceattempt"), request);
        switch (function) {
            case "slow" -> {
                request.connection().closeHandler(closed -> ABANDONED.add(request.getHeader("ce-sluicerun")));
                RACE_BEGAN.complete(request);
            }
            // Not before the other one is with its function, too.
            case "quick" -> RACE_BEGAN.thenRun(() -> request.response().end("\"quick\""));
            default ->
                request.response()
                        .setStatusCode(202)
                        .putHeader("ce-type", "dev.sluice.step.deferred.v1")
                        .end("{\"heartbeat\":1.5}");
        }
    }

    private static String started(String name, String steps) {
        String source = "document: { dsl: '1.0.1', namespace: test, name: " + name + ", version: '1.0.0' }\ndo: "
                + steps + "\n";
        assertThat(server.post("/v1/workflows", "application/yaml", source).status())
                .isEqualTo(201);
        return server.post("/v1/workflows/" + name + "/runs", JSON, "{}")
                .body()
                .path("id")
                .asText();
    }

    /** Of an attempt that the function has got; its step may still be on its way to wait. */
    private static String token(String attempt) {
        await().atMost(PATIENCE).until(() -> ASKED.containsKey(attempt));
        return ASKED.get(attempt).getHeader("ce-sluicetoken");
    }

    private static Sluice.Answer send(String token, String result) {
        return server.post("/v1/steps/" + token, JSON, result, "ce-sluicetokensin", "5");
    }

    @Test
    void aResultThatComesLaterEndsTheStepWhileHeartbeatsKeepItAlive() {
        String id = started("approval", "[ { ask: { call: approve } } ]");
        String token = token("approve 1");
        // Twice its silence.
        await().during(Duration.ofSeconds(3))
                .pollInterval(Duration.ofMillis(300))
                .atMost(PATIENCE)
                .until(() ->
                        server.post("/v1/steps/" + token + "/heartbeat", "", "").status() == 204);
        assertThat(send(token, "{\"approved\":true}").status()).isEqualTo(202);
        JsonNode run = server.awaitEnd(id, PATIENCE);
        assertThat(run.path("output").toString()).isEqualTo("{\"approved\":true}");
        assertThat(run.at("/usage/inputTokens").asInt()).isEqualTo(5);
        assertThat(ASKED).doesNotContainKey("approve 2");
        assertThat(send(token, "{\"approved\":true}").status()).isEqualTo(202);
        assertProblem(send(token, "{\"approved\":false}"), 409, "SL4023");
        assertProblem(server.post("/v1/steps/" + token + "/heartbeat", "", ""), 409, "SL4023");
    }

    @Test
    void aFunctionThatFallsSilentIsAskedAgainAndItsLateResultIsRefused() {
        String id = started("silence", "[ { ask: { call: forget } } ]");
        String first = token("forget 1");
        String second = token("forget 2");
        assertProblem(send(first, "1"), 409, "SL4023");
        assertThat(send(second, "2").status()).isEqualTo(202);
        assertThat(server.awaitEnd(id, PATIENCE).path("output").asInt()).isEqualTo(2);
    }

    @Test
    void theLoserOfARaceIsAbortedInTheMiddleOfItsWork() {
        String id = started(
                "race",
                "[ { race: { fork: { compete: true, branches: [ { a: { call: slow } }, { b: { call: quick } } ] } } } ]");
        assertThat(server.awaitEnd(id, PATIENCE).path("output").asText()).isEqualTo("quick");
        awaitAbandoned(id);
    }

    /** The lease check comes every 20 s: only the hint is as fast as this. */
    private static void awaitAbandoned(String id) {
        await().atMost(Duration.ofSeconds(10)).until(() -> ABANDONED.contains(id));
    }

    @Test
    void theAttemptOfAKilledRunIsAborted() {
        String id = started("killed", "[ { work: { call: slow } } ]");
        await().atMost(PATIENCE)
                .until(() -> id.equals(
                        ASKED.containsKey("slow 1") ? ASKED.get("slow 1").getHeader("ce-sluicerun") : ""));
        assertThat(server.post("/v1/runs/" + id + "/kill", JSON, "{\"reason\":\"enough\"}")
                        .status())
                .isBetween(200, 299);
        awaitAbandoned(id);
        assertThat(server.awaitEnd(id, PATIENCE).path("status").asText()).isEqualTo("cancelled");
    }

    @Test
    void aTokenThatWasMadeUpIsRefused() {
        assertProblem(send("cg.0123456789abcdef0123456789abcdef", "1"), 404, "SL4022");
        assertProblem(server.post("/v1/steps/x/heartbeat", "", ""), 404, "SL4022");
    }
}

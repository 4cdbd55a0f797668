package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function that is broken for a while, and what is done with the runs that failed by it. */
class DeadLettersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String JSON = "application/json";
    private static final String LETTERS = "/v1/dead-letters";
    private static final String FAILS = "do: [ { x: { call: fails, with: { n: '${ .n }' } } } ]\n";

    @TempDir
    Path directory;

    private StepServer functions;

    @BeforeEach
    void open() throws IOException {
        functions = new StepServer();
    }

    @AfterEach
    void close() {
        functions.close();
    }

    /** A lease of 3 s only shortens the wait after a kill. */
    private Sluice server(String... more) throws IOException {
        var options = new ArrayList<>(functions.options());
        options.add("-Dsluice.dispatch.lease=3s");
        options.addAll(List.of(more));
        return Sluice.start(directory, options.toArray(String[]::new));
    }

    private static String deploy(Sluice server, String name, String rest) {
        String document = "document:\n  dsl: '1.0.1'\n  namespace: dead\n  name: " + name + "\n  version: '1.0.0'\n";
        Answer answer = server.post("/v1/workflows", "application/yaml", document + rest);
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
        return answer.body().path("revision").asText();
    }

    private static List<String> start(Sluice server, String workflow, int count) {
        var ids = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            Answer answer = server.post("/v1/workflows/" + workflow + "/runs", JSON, "{\"n\": " + i + "}");
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            ids.add(answer.body().path("id").asText());
        }
        return ids;
    }

    private static void awaitLetters(Sluice server, String kind, long count) {
        await(count + " dead letters")
                .atMost(PATIENCE)
                .until(() -> counts(server).at("/kinds/" + kind).asLong() == count);
    }

    private static JsonNode counts(Sluice server) {
        return server.get(LETTERS + "/counts").body();
    }

    private static JsonNode clear(Sluice server, String action, String body) {
        Answer answer = server.post(LETTERS + "/" + action, JSON, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.body();
    }

    private static JsonNode awaitDone(Sluice server, JsonNode clearing) {
        String location = clearing.path("location").asText();
        return await().atMost(PATIENCE)
                .until(
                        () -> server.get(location).body(),
                        c -> c.path("status").asText().equals("done"));
    }

    private static long inHistory(Sluice server, String run, String kind) {
        JsonNode entries =
                server.get("/v1/runs/" + run + "/history?limit=1000").body().path("entries");
        return entries.findValuesAsText("kind").stream().filter(kind::equals).count();
    }

    private static void assertEachSucceededOnce(Sluice server, List<String> runs) {
        for (String run : runs) {
            JsonNode end = server.awaitEnd(run, PATIENCE);
            assertThat(end.path("status").asText()).as(end.toString()).isEqualTo("succeeded");
            assertThat(inHistory(server, run, "RUN_RETRIED")).as(run).isEqualTo(1);
            assertThat(inHistory(server, run, "STEP_SUCCEEDED")).as(run).isEqualTo(1);
        }
    }

    @Test
    void twoHundredRunsAreRedrivenOnceThoughTheServerIsKilledInTheMiddle() throws Exception {
        try (Sluice server = server()) {
            deploy(server, "orders", FAILS);
            var runs = start(server, "orders", 200);
            awaitLetters(server, "step", 200);
            assertThat(walk(server, "?workflow=orders&kind=step&limit=77")).containsExactlyInAnyOrderElementsOf(runs);
            assertContext(server, runs.getFirst());
            functions.repair();
            long from = System.nanoTime();
            JsonNode clearing = clear(server, "redrive", "{\"filter\": {\"workflow\": \"dead.orders\"}, \"rate\": 25}");
            assertThat(clearing.path("atMost").asLong()).isEqualTo(200);
            String location = clearing.path("location").asText();
            await().atMost(PATIENCE)
                    .until(() -> server.get(location).body().path("done").asLong() >= 40);
            server.kill();
            server.start();
            assertThat(server.get(location).body().path("status").asText())
                    .as("the kill came too late")
                    .isEqualTo("running");
            JsonNode done = awaitDone(server, clearing);
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isGreaterThan(Duration.ofSeconds(200 / 25 - 1));
            assertThat(done.path("done").asLong()).isEqualTo(200);
            assertThat(done.path("skipped").asLong() + done.path("refused").asLong())
                    .isZero();
            assertEachSucceededOnce(server, runs);
            assertThat(counts(server).path("total").asLong()).isZero();
        }
    }

    private static List<String> walk(Sluice server, String query) {
        var ids = new ArrayList<String>();
        String cursor = "";
        do {
            JsonNode page = server.get(LETTERS + query + cursor).body();
            page.path("letters").forEach(letter -> ids.add(letter.path("id").asText()));
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.get("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
        return ids;
    }

    private static void assertContext(Sluice server, String run) {
        JsonNode context = server.get(LETTERS + "/" + run).body();
        assertThat(context.at("/letter/function").asText()).isEqualTo("fails");
        assertThat(context.at("/letter/attempts").asInt()).isEqualTo(1);
        assertThat(context.at("/letter/problem/code").asText()).isEqualTo("SL4012");
        assertThat(context.at("/input/n").asInt()).isZero();
        assertThat(context.at("/step/attempts/0/status").asText()).isEqualTo("failed");
        assertThat(context.path("history").findValuesAsText("kind")).contains("ATTEMPT_FAILED", "RUN_FAILED");
        assertThat(context.has("fields")).isFalse();
    }

    @Test
    void runsOfABrokenRevisionGoOnWithANewerOne() throws Exception {
        try (Sluice server = server()) {
            deploy(server, "moved", FAILS);
            var runs = start(server, "moved", 20);
            awaitLetters(server, "step", 20);
            String newer = deploy(server, "moved", FAILS.replace("fails", "echo"));
            String one = runs.getFirst();
            Answer redriven = server.post(LETTERS + "/" + one + "/redrive", JSON, "{\"revision\": \"" + newer + "\"}");
            assertThat(redriven.status()).as(redriven.text()).isEqualTo(202);
            assertThat(redriven.body().path("location").asText()).isEqualTo("/v1/runs/" + one);
            JsonNode clearing =
                    clear(server, "redrive", "{\"filter\": {\"function\": \"fails\"}, \"revision\": \"latest\"}");
            awaitDone(server, clearing);
            assertEachSucceededOnce(server, runs);
            assertThat(runs)
                    .allMatch(run ->
                            server.run(run).body().path("revision").asText().equals(newer));
            assertThat(server.get("/q/metrics").text()).contains("sluice_dead_letters_written_total{kind=\"step\"");
        }
    }

    @Test
    void poisonIsKeptApartFromOtherFailures() throws Exception {
        try (Sluice server = server("-Dsluice.dispatch.deliveries-max=1")) {
            deploy(server, "poison", "do: [ { x: { call: holds } } ]\n");
            String run = start(server, "poison", 1).getFirst();
            await().atMost(PATIENCE)
                    .until(() -> server.run(run)
                            .body()
                            .at("/steps/0/status")
                            .asText()
                            .equals("running"));
            server.kill();
            server.start();
            awaitLetters(server, "poison", 1);
            deploy(server, "plain", FAILS);
            String other = start(server, "plain", 1).getFirst();
            awaitLetters(server, "step", 1);
            functions.repair();
            JsonNode done =
                    awaitDone(server, clear(server, "redrive", "{\"filter\": {\"from\": \"2020-01-01T00:00:00Z\"}}"));
            assertThat(done.path("done").asLong()).isEqualTo(1);
            assertEachSucceededOnce(server, List.of(other));
            assertThat(server.run(run).body().path("status").asText()).isEqualTo("failed");
            assertThat(walk(server, "?kind=poison&code=SL4014")).containsExactly(run);
            Answer dropped = server.post(LETTERS + "/" + run + "/drop", JSON, "{\"reason\": \"it eats memory\"}");
            assertThat(dropped.status()).as(dropped.text()).isEqualTo(204);
            assertThat(counts(server).path("total").asLong()).isZero();
            assertThat(inHistory(server, run, "RUN_DROPPED")).isEqualTo(1);
            assertProblem(server.post(LETTERS + "/" + run + "/redrive", JSON, ""), 404, "SL2040");
        }
    }

    private static void assertWhatWouldMeanMoreIsRefused(Sluice server) {
        for (String query : List.of("?workflow=", "?tenant=", "?tenant=a%20b", "/counts?tenant=a")) {
            assertProblem(server.get(LETTERS + query), 400, "SL2014");
        }
        for (String query : List.of("?tenant=", "?workflow=", "?status=", "?q=&status=failed")) {
            assertProblem(server.get("/v1/runs" + query), 400, "SL2014");
        }
        String all = "{\"filter\": {\"tenant\": \"\"}";
        assertProblem(server.post(LETTERS + "/redrive", JSON, all + "}"), 400, "SL2014");
        assertProblem(server.post(LETTERS + "/drop", JSON, all + ", \"reason\": \"r\"}"), 400, "SL2014");
        assertProblem(server.post("/v1/runs/bulk", JSON, all + ", \"action\": \"kill\"}"), 400, "SL2014");
        String stays = "{\"filter\": {\"workflow\": \"stays\"}, ";
        assertProblem(server.post(LETTERS + "/drop", JSON, stays + "\"reason\": 7}"), 400, "SL2014");
        assertProblem(server.post(LETTERS + "/redrive", JSON, stays + "\"revision\": \"nope\"}"), 404, "SL2001");
        String unknown = "{\"filter\": {\"workflow\": \"nope\"}}";
        assertProblem(server.post(LETTERS + "/redrive", JSON, unknown), 404, "SL2001");
    }

    @Test
    void whatIsAskedForWronglyIsRefusedAndAClearingCanBeStopped() throws Exception {
        try (Sluice server = server()) {
            deploy(server, "stays", FAILS);
            start(server, "stays", 5);
            awaitLetters(server, "step", 5);
            assertProblem(server.get(LETTERS + "/nothing"), 404, "SL2040");
            assertProblem(server.get(LETTERS + "?kind=odd"), 400, "SL2014");
            assertProblem(server.get(LETTERS + "?from=yesterday"), 400, "SL2014");
            assertProblem(server.get(LETTERS + "?colour=red"), 400, "SL2014");
            assertProblem(server.get(LETTERS + "?cursor=x"), 400, "SL2014");
            assertWhatWouldMeanMoreIsRefused(server);
            assertProblem(server.get(LETTERS + "/clearings/none"), 404, "SL2042");
            assertProblem(server.post(LETTERS + "/redrive", JSON, "{\"filter\": {}}"), 400, "SL2014");
            assertProblem(
                    server.post(LETTERS + "/redrive", JSON, "{\"filter\": {\"kind\": \"step\"}, \"rate\": 0}"),
                    400,
                    "SL2014");
            assertProblem(server.post(LETTERS + "/drop", JSON, "{\"filter\": {\"kind\": \"step\"}}"), 400, "SL2014");
            String slow = "{\"filter\": {\"workflow\": \"stays\"}, \"rate\": 1, \"reason\": \"too old\"}";
            Answer begun = server.post(LETTERS + "/drop", JSON, slow, "Idempotency-Key", "k");
            Answer again = server.post(LETTERS + "/drop", JSON, slow, "Idempotency-Key", "k");
            assertThat(again.body().path("id")).isEqualTo(begun.body().path("id"));
            JsonNode stopped = server.post(begun.body().path("location").asText() + "/stop", JSON, "")
                    .body();
            assertThat(stopped.path("status").asText()).isEqualTo("stopped");
            assertThat(server.get(LETTERS + "/clearings").body().at("/clearings/0/id"))
                    .isEqualTo(begun.body().path("id"));
            assertThat(counts(server).path("total").asLong()).isBetween(2L, 5L);
        }
    }
}

package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Keys;
import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RunId;
import dev.sluice.redis.RedisSetup;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On whose behalf functions work, what calls of models may cost, and what they have cost, over HTTP. */
class CostIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String JSON = "application/json";
    private static final String WORKFLOW = """
            document:
              { dsl: '1.0.1', namespace: cost, name: paid, version: '1.0.0',
                metadata: { budget: { run: 0.05, day: 20 }, queue: { tenant: '${ .who }' } } }
            do: [ { ask: { call: told, with: { n: 1 }, metadata: { budget: 0.002 } } } ]
            """;

    @TempDir
    static Path directory;

    private static RedisSetup redis;
    private static StepServer functions;
    private static Sluice server;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisSetup.standalone("everysec");
        functions = new StepServer();
        var options = new ArrayList<>(functions.options());
        options.addAll(redis.options());
        server = Sluice.start(directory, options.toArray(String[]::new));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        functions.close();
        redis.close();
    }

    private static void deploy(String document) {
        Answer answer = server.post("/v1/workflows", "application/yaml", document);
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    }

    private static JsonNode ended(Answer started) {
        assertThat(started.status()).as(started.text()).isIn(201, 202);
        JsonNode run = server.awaitEnd(started.body().path("id").asText(), PATIENCE);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        return run;
    }

    @Test
    void aFunctionSeesOnWhoseBehalfItWorksAndAForksOrigin() {
        deploy(WORKFLOW);
        JsonNode run = ended(server.post("/v1/workflows/paid/runs", JSON, "{\"who\": \"acme\"}"));
        JsonNode told = run.path("output");
        assertThat(told.path("workflow").asText()).isEqualTo("cost.paid");
        assertThat(told.path("tenant").asText()).isEqualTo("acme");
        assertThat(told.path("budget").asText()).isEqualTo("{\"run\":50000,\"step\":2000,\"day\":20000000}");
        assertThat(told.has("origin")).isFalse();

        String id = run.path("id").asText();
        JsonNode fork = ended(server.post("/v1/runs/" + id + "/fork", JSON, "{\"step\": \"/do/0/ask\"}"));
        assertThat(fork.at("/output/origin").asText()).isEqualTo(id);
        assertThat(server.post("/v1/runs/" + id + "/reset", JSON, "{\"step\": \"/do/0/ask\"}")
                        .status())
                .isEqualTo(202);
        JsonNode again = await("the second end")
                .atMost(PATIENCE)
                .until(
                        () -> server.run(id).body(),
                        r -> r.path("resets").asInt() == 1
                                && r.path("status").asText().equals("succeeded"));
        assertThat(again.path("output").has("origin")).isFalse();
    }

    @Test
    void aFunctionThatHasNoRoomForAWhileUsesUpNoAttempt() {
        deploy("""
                document: { dsl: '1.0.1', namespace: cost, name: patient, version: '1.0.0' }
                do: [ { ask: { call: busy, with: { n: 1 }, metadata: { attemptsMax: 1 } } } ]
                """);
        JsonNode run = ended(server.post("/v1/workflows/patient/runs", JSON, "{}"));
        assertThat(run.at("/steps/0/attempts"))
                .extracting(attempt -> attempt.path("status").asText())
                .containsExactly("failed", "failed", "succeeded");
    }

    /** As {@code inference.LineCodec} writes them. */
    private static void pay(String run, String... lines) {
        var command = new ArrayList<>(
                List.of("RPUSH", Keys.ledger(RunId.partition(run).orElseThrow(), run)));
        command.addAll(List.of(lines));
        redis.nodes().getFirst().say(command.toArray(String[]::new));
    }

    @Test
    void whatARunHasPaidForModelsIsShownCallByCall() {
        deploy(WORKFLOW);
        String id = ended(server.post("/v1/workflows/paid/runs", JSON, "{\"who\": \"acme\"}"))
                .path("id")
                .asText();
        assertThat(server.run(id).body().at("/cost/micros").asLong(-1)).isZero();
        String line = "{\"at\":1767225600000,\"step\":\"/do/0/ask\",\"attempt\":1,\"call\":\"c\",\"endpoint\":\"one\","
                + "\"model\":\"m\",\"in\":900,\"out\":100,\"micros\":1200,\"millis\":800,\"outcome\":\"answered\",";
        pay(
                id,
                line + "\"rung\":\"asked\"}",
                line + "\"rung\":\"corrected\"}",
                "{\"at\":1767225600000,\"step\":\"/do/0/ask\",\"attempt\":7,\"uncertain\":50,\"outcome\":\"lost\"}");
        JsonNode run = server.run(id).body();
        assertThat(run.path("cost").toString()).isEqualTo("{\"micros\":2400,\"uncertainMicros\":50}");
        assertThat(run.at("/steps/0/attempts/0/calls"))
                .extracting(call -> call.path("rung").asText())
                .containsExactly("asked", "corrected");

        JsonNode page = server.get("/v1/runs/" + id + "/calls?from=1&limit=1").body();
        assertThat(page.at("/calls/0/costMicros").asLong()).isEqualTo(1_200);
        assertThat(page.path("next").asInt()).isEqualTo(2);
        JsonNode last = server.get("/v1/runs/" + id + "/calls?from=2").body();
        assertThat(last.at("/calls/0/uncertainMicros").asLong()).isEqualTo(50);
        assertThat(last.path("next").isNull()).isTrue();
        assertProblem(server.get("/v1/runs/default.local.0-nope/calls"), 404, "SL2002");
        assertProblem(server.get("/v1/runs/" + id + "/calls?limit=1001"), 400, "SL2014");
    }

    @Test
    void whatWasPaidOnADayIsToldByWhatIsAskedFor() {
        String[] fields = {"n", "2", "i", "900", "o", "100", "m", "1200", "u", "50"};
        for (String endpoint : List.of("one", "two")) {
            for (int i = 0; i < fields.length; i += 2) {
                String field = "acme|cost.paid|" + endpoint + "|m|" + fields[i];
                String key = ModelKeys.totals(LocalDate.parse("2026-01-31"));
                redis.nodes().getFirst().say("HSET", key, field, fields[i + 1]);
            }
        }
        JsonNode day = server.get("/v1/costs?day=2026-01-31").body();
        assertThat(day.path("rows")).hasSize(2);
        assertThat(day.at("/rows/0/workflow").asText()).isEqualTo("cost.paid");
        JsonNode month =
                server.get("/v1/costs?from=2026-01-01&to=2026-01-31&by=tenant").body();
        assertThat(month.path("rows")).hasSize(1);
        assertThat(month.at("/rows/0").toString())
                .isEqualTo("{\"tenant\":\"acme\",\"calls\":4,\"inputTokens\":1800,\"cachedTokens\":0,"
                        + "\"outputTokens\":200,\"costMicros\":2400,\"uncertainMicros\":100}");
        assertThat(month.at("/total/costMicros").asLong()).isEqualTo(2_400);
        assertThat(server.get("/v1/costs").status()).isEqualTo(200);
        assertProblem(server.get("/v1/costs?from=2025-01-01&to=2026-01-31"), 400, "SL2014");
    }
}

package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /openai/v1} in a process of its own, with the role {@code inference} alone, and functions that ask it. */
class ProxyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT = "/openai/v1/chat/completions";

    /** Slow enough to be met in the middle: 30 tokens take a good second. */
    private static final Options SLOW = Options.of("tokens-per-second=25", "first-token=50");

    @TempDir
    static Path directory;

    private static Apart apart;
    private static Simulator simulator;
    private static Sluice core;
    private static Sluice inference;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.start(SLOW);
        var models = new ArrayList<>(Proxied.endpoint("sim", simulator));
        models.add("-Dsluice.inference.model=sim");
        apart = new Apart(directory, models);
        core = apart.core;
        inference = apart.inference;
    }

    @AfterAll
    static void end() throws IOException {
        apart.close();
        simulator.close();
    }

    @AfterEach
    void calm() {
        simulator.control("tokens-per-second=25", "error-rate=0", "first-token=50");
    }

    private static String question(String text, boolean stream) {
        return "{\"model\": \"sim\", \"stream\": " + stream + ", \"messages\": [{\"role\": \"user\", \"content\": \""
                + text + "\"}]}";
    }

    private static Sluice.Answer ask(String text, String... headers) {
        return inference.post(CHAT, "application/json", question(text, false), headers);
    }

    private static HttpRequest.Builder request(String text, boolean stream, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(inference.url() + CHAT))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(question(text, stream)));
        for (int i = 0; i + 1 < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return request;
    }

    private static String[] step() {
        String run = "default.local.0-"
                + UUID.randomUUID().toString().replaceAll("[^a-f0-9]", "").substring(0, 26);
        return new String[] {"Sluice-Run", run, "Sluice-Step", "%2Fdo%2F0%2Fa", "Sluice-Attempt", "1"};
    }

    @Test
    void documentsAreAnalyzedByFunctionsThatHaveNoRedis() throws Exception {
        simulator.control("tokens-per-second=2000", "first-token=1");
        var letter = Sluice.Part.file("a.txt", "Dear Ms Miller, thank you.".getBytes(StandardCharsets.UTF_8));
        String id = core.upload(List.of(letter)).body().at("/runs/0/id").asText();
        JsonNode run = core.awaitEnd(id, PATIENCE);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        assertThat(run.at("/usage/costMicros").asLong())
                .isPositive()
                .isEqualTo(run.at("/cost/micros").asLong());
        JsonNode calls = core.get("/v1/runs/" + id + "/calls").body().path("calls");
        assertThat(calls).hasSize(3).allSatisfy(call -> {
            assertThat(call.path("endpoint").asText()).isEqualTo("sim");
            assertThat(call.path("outcome").asText()).isEqualTo("answered");
        });
        JsonNode costs = core.get("/v1/costs?by=workflow").body();
        assertThat(costs.toString()).contains("sluice.document-analysis");
    }

    @Test
    void anAnswerSaysWhoGaveItAndWhatItCost() {
        Sluice.Answer answer = ask("who?");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.headers().get("sluice-endpoint")).containsExactly("sim");
        assertThat(answer.headers().get("sluice-source")).containsExactly("bought");
        assertThat(Long.parseLong(answer.headers().get("sluice-cost-micros").getFirst()))
                .isPositive();
    }

    @Test
    void whatIsWrongIsSaidInTheFormOfTheProtocol() {
        assertError(inference.post(CHAT, "application/json", "{"), 400, "SL2004", "line 1");
        assertError(inference.post(CHAT, "application/json", "[]"), 400, "SL2004", "JSON object");
        assertError(inference.post(CHAT, "application/json", "{\"model\": \"sim\"}"), 400, "SL2004", "messages");
        assertError(
                inference.post(CHAT, "application/json", question("x", false).replace("sim", "gpt-6")),
                404,
                "SL5005",
                "gpt-6");
        assertError(ask("x", "Sluice-Run", "r-42"), 400, "SL2014", "r-42");
        assertError(inference.post("/openai/v1/responses", "application/json", "{}"), 404, "SL2013", "/openai/v1");
        simulator.control("error-rate=1", "error-status=500");
        assertError(ask("broken"), 502, "SL5002", "answered 500");
    }

    private static void assertError(Sluice.Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode error = answer.body().path("error");
        assertThat(error.path("code").asText()).isEqualTo(code);
        assertThat(error.path("message").asText()).contains(message);
        assertThat(error.path("type").asText()).isNotEmpty();
    }

    @Test
    void aLimitSaysWhenToComeAgain() {
        simulator.storm(Duration.ofSeconds(30));
        Sluice.Answer answer = ask("limited");
        simulator.storm(Duration.ofMillis(1));
        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(Integer.parseInt(answer.headers().get("retry-after").getFirst()))
                .isBetween(1, 31);
        await().atMost(PATIENCE).until(() -> ask("again").status() == 200);
    }

    @Test
    void aStreamComesWhileItIsMade() throws Exception {
        HttpResponse<java.io.InputStream> response =
                HttpClient.newHttpClient().send(request("stream", true).build(), BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String first = lines.readLine();
            assertThat(first).startsWith("data: {");
            assertThat(simulator.billing().byRequest())
                    .as("its end is yet to come")
                    .doesNotContainKey("none");
            String last = lines.lines().filter(line -> !line.isEmpty()).reduce(first, (one, other) -> other);
            assertThat(last).isEqualTo("data: [DONE]");
        }
    }

    @Test
    void whoGoesAwayEndsTheCallThatIsOfNoStep() {
        long cutOff = simulator.billing().cutOff();
        CompletableFuture<?> call = HttpClient.newHttpClient()
                .sendAsync(request("nobody waits", false).build(), BodyHandlers.ofString());
        long before = simulator.billing().requests();
        await().atMost(PATIENCE).until(() -> simulator.billing().requests() >= Math.max(1, before));
        call.cancel(true);
        await().atMost(PATIENCE).until(() -> simulator.billing().cutOff() > cutOff);
    }

    @Test
    void theAnswerOfAStepIsBoughtToItsEndAlthoughItsWorkerDied() {
        String[] step = step();
        long requests = simulator.billing().requests();
        CompletableFuture<?> worker = HttpClient.newHttpClient()
                .sendAsync(request("worker dies", false, step).build(), BodyHandlers.ofString());
        await().atMost(PATIENCE).until(() -> simulator.billing().requests() == requests + 1);
        worker.cancel(true);
        step[5] = "2";
        Sluice.Answer next = ask("worker dies", step);
        assertThat(next.status()).as(next.text()).isEqualTo(200);
        assertThat(next.headers().get("sluice-source")).containsExactly("journal");
        assertThat(simulator.billing().requests()).isEqualTo(requests + 1);
    }

    @Test
    void theCallOfAStepCanBeGivenUp() throws Exception {
        String[] step = step();
        long requests = simulator.billing().requests();
        long cutOff = simulator.billing().cutOff();
        String call = "0123456789abcdef0123456789abcdef";
        String[] headers = java.util.Arrays.copyOf(step, 8);
        headers[6] = "Sluice-Call";
        headers[7] = call;
        CompletableFuture<HttpResponse<String>> worker = HttpClient.newHttpClient()
                .sendAsync(request("given up", false, headers).build(), BodyHandlers.ofString());
        await().atMost(PATIENCE).until(() -> simulator.billing().requests() == requests + 1);
        var giveUp = HttpRequest.newBuilder(URI.create(inference.url() + "/openai/v1/calls"))
                .DELETE();
        for (int i = 0; i < headers.length; i += 2) giveUp.header(headers[i], headers[i + 1]);
        assertThat(HttpClient.newHttpClient()
                        .send(giveUp.build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(202);
        assertThat(worker.join().statusCode()).isEqualTo(503);
        await().atMost(PATIENCE).until(() -> simulator.billing().cutOff() > cutOff);
    }

    @Test
    void anIdempotencyKeyOfAClientFindsTheAnswerThatItsFirstRequestBought() {
        assertThat(ask("once", "Idempotency-Key", "k-1").headers().get("sluice-source"))
                .containsExactly("bought");
        assertThat(ask("once", "Idempotency-Key", "k-1").headers().get("sluice-source"))
                .containsExactly("journal");
        assertThat(ask("twice", "Idempotency-Key", "k-1").headers().get("sluice-source"))
                .containsExactly("bought");
    }

    @Test
    void aProcessWithoutTheRoleHasNoModels() {
        assertThat(core.get("/openai/v1/models").status()).isEqualTo(404);
        assertThat(inference.get("/openai/v1/models").body().path("data")).isNotEmpty();
        assertThat(inference.get("/v1/runs").status()).isEqualTo(404);
    }
}

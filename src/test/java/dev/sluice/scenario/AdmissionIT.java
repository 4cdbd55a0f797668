package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.boot.TestRedis;
import dev.sluice.queue.RealRedis;
import dev.sluice.scenario.Sluice.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are started by the thousand, later, or while there is no room for them. */
class AdmissionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NDJSON = "application/x-ndjson";
    private static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: test, name: quick, version: '1.0.0', metadata: { queue: { group: g } } }
            input: { schema: { document: { type: object, properties: { n: { type: integer } } } } }
            do: [ { x: { set: { done: '${ .n }' } } } ]
            """;

    @TempDir
    Path directory;

    private static void deploy(Sluice server) {
        assertThat(server.post("/v1/workflows", "application/yaml", WORKFLOW).status())
                .isEqualTo(201);
    }

    private static List<JsonNode> lines(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text().lines().map(AdmissionIT::tree).toList();
    }

    private static JsonNode tree(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    private static List<JsonNode> of(List<JsonNode> answers, String outcome) {
        return answers.stream()
                .filter(line -> line.path("outcome").asText().equals(outcome))
                .toList();
    }

    /** Every hundredth is bad, each in another way; two of each thousand have the same key. */
    private static String line(int i) {
        return switch (i % 1_000) {
            case 100 -> "{\"input\": {";
            case 200 -> "{\"n\": 1}";
            case 300 -> "{\"input\": {\"n\": \"many\"}}";
            case 400 -> "{\"tenant\": \"no tenant\"}";
            case 500 -> "{\"input\": {\"s\": \"" + "x".repeat(1 << 20) + "\"}}";
            case 600, 601 -> "{\"key\": \"k" + i / 1_000 + "\", \"input\": {\"n\": " + i / 1_000 + "}}";
            default -> "{\"input\": {\"n\": " + i + "}, \"tenant\": \"t" + i % 3 + "\"}";
        };
    }

    @Test
    void tenThousandLinesAreAnsweredOneByOneWhateverIsWrongWithSome() throws Exception {
        try (Sluice server = Sluice.start(directory)) {
            deploy(server);
            var body = new StringBuilder();
            for (int i = 1; i <= 10_000; i++) body.append(line(i)).append('\n');
            List<JsonNode> answers = lines(server.post("/v1/workflows/quick/runs", NDJSON, body.toString()));
            assertThat(answers.stream().map(a -> a.path("line").asInt()))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, 10_000).boxed().toList());
            assertThat(of(answers, "refused")).hasSize(50);
            assertThat(of(answers, "repeated")).hasSize(10);
            assertThat(of(answers, "refused").stream()
                            .limit(5)
                            .map(a -> a.at("/problem/code").asText()))
                    .containsExactly("SL2004", "SL2014", "SL2011", "SL2014", "SL2006");
            var ids = new HashSet<String>();
            of(answers, "accepted").forEach(a -> ids.add(a.path("id").asText()));
            assertThat(ids).hasSize(9_940);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(server.count("succeeded")).isEqualTo(9_940));
            assertThat(server.get("/v1/runs?tenant=t1&limit=3")
                            .body()
                            .at("/runs/2/tenant")
                            .asText())
                    .isEqualTo("t1");
            String last = answers.getLast().path("id").asText();
            assertThat(server.run(last).body().at("/output/done").asInt()).isEqualTo(10_000);
        }
    }

    @Test
    void aFullGroupRefusesUntilItHasDrainedAndNothingThatWasAcceptedIsLost() throws Exception {
        RealRedis.empty();
        String redis = "-Dquarkus.redis.hosts=" + TestRedis.url();
        try (Sluice api = Sluice.start(
                Files.createDirectory(directory.resolve("api")),
                redis,
                "-Dsluice.roles=api",
                "-Dsluice.queue.\"g\".depth-max=400")) {
            deploy(api);
            String body = "{\"input\": {\"n\": 1}}\n".repeat(1_000);
            List<JsonNode> answers = lines(api.post("/v1/workflows/quick/runs", NDJSON, body));
            assertThat(of(answers, "accepted")).hasSize(400);
            assertThat(of(answers, "refused")).hasSize(600).allSatisfy(line -> {
                assertThat(line.at("/problem/code").asText()).isEqualTo("SL2034");
                assertThat(line.at("/problem/retryAfter").asDouble()).isBetween(1.0, 60.0);
            });
            Answer refused = api.post("/v1/workflows/quick/runs", "application/json", "{\"n\": 1}");
            assertProblem(refused, 429, "SL2034");
            assertThat(Integer.parseInt(refused.headers().get("retry-after").getFirst()))
                    .isBetween(1, 60);
            try (Sluice rest = Sluice.start(
                    Files.createDirectory(directory.resolve("rest")),
                    redis,
                    "-Dsluice.roles=dispatcher,orchestrator,functions")) {
                Awaitility.await()
                        .atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(api.count("succeeded")).isEqualTo(400));
                Answer accepted = api.post("/v1/workflows/quick/runs", "application/json", "{\"n\": 1}");
                assertThat(accepted.status()).isEqualTo(202);
                api.awaitEnd(accepted.body().path("id").asText(), PATIENCE);
                assertThat(rest.isAlive()).isTrue();
            }
        }
    }

    @Test
    void theStepsOfAGroupThatWasMadeWhileTheServerRunsAreCarriedOut() throws Exception {
        try (var functions = new StepServer();
                Sluice server = Sluice.start(directory, functions.options().toArray(String[]::new))) {
            String own = WORKFLOW.replace("group: g", "group: own, partitions: 2")
                    .replace("set: { done: '${ .n }' }", "call: echo, with: { n: '${ .n }' }");
            assertThat(server.post("/v1/workflows", "application/yaml", own).status())
                    .isEqualTo(201);
            String body = "{\"input\": {\"n\": 7}}\n".repeat(40);
            List<JsonNode> answers = lines(server.post("/v1/workflows/quick/runs?priority=low", NDJSON, body));
            assertThat(of(answers, "accepted"))
                    .hasSize(40)
                    .allSatisfy(line -> assertThat(line.path("id").asText()).startsWith("own.local."));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(server.count("succeeded")).isEqualTo(40));
            String other = own.replace("partitions: 2", "partitions: 3").replace("name: quick", "name: other");
            Answer refused = server.post("/v1/workflows", "application/yaml", other);
            assertProblem(refused, 422, "SL3001");
            assertThat(refused.body().at("/errors/0/pointer").asText())
                    .isEqualTo("/document/metadata/queue/partitions");
        }
    }

    @Test
    void aRunBeginsWhenItWasAskedToAndIsServedAsItWasAskedTo() throws Exception {
        try (Sluice server = Sluice.start(directory)) {
            deploy(server);
            String path = "/v1/workflows/quick/runs";
            assertProblem(server.post(path + "?priority=urgent", "application/json", "{}"), 400, "SL2014");
            assertProblem(server.post(path + "?tenant=no%20tenant", NDJSON, "{}"), 400, "SL2014");
            assertProblem(server.post("/v1/workflows/none/runs", NDJSON, "{}"), 404, "SL2001");
            Answer started =
                    server.post(path + "?tenant=acme&priority=high&delay=PT4S", "application/json", "{\"n\": 1}");
            String id = started.body().path("id").asText();
            JsonNode waiting = server.run(id).body();
            assertThat(waiting.path("status").asText()).isEqualTo("queued");
            JsonNode ended = server.awaitEnd(id, PATIENCE);
            assertThat(ended.path("status").asText()).isEqualTo("succeeded");
            assertThat(ended.path("tenant").asText()).isEqualTo("acme");
            assertThat(ended.path("priority").asText()).isEqualTo("high");
            Instant startsAt = Instant.parse(waiting.path("startsAt").asText());
            assertThat(Instant.parse(ended.path("startedAt").asText())).isBetween(startsAt, startsAt.plusSeconds(20));
        }
    }

    @Test
    void aClientThatGoesAwayHasTheRunsOfTheLinesThatWereAnswered() throws Exception {
        int port = Sluice.freePort();
        try (Sluice server = Sluice.startOn(port, directory)) {
            deploy(server);
            var answered = new ArrayList<String>();
            try (var socket = new Socket("127.0.0.1", port)) {
                socket.setSoTimeout(20_000);
                var out = socket.getOutputStream();
                String head = "POST /v1/workflows/quick/runs HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1000000\r\n\r\n";
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (int i = 1; i <= 3; i++) {
                    out.write("{\"input\": {\"n\": 1}}\n".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    answered.add(idOfNextAnswer(in));
                }
                out.write("{\"input\": {\"n\":".getBytes(StandardCharsets.US_ASCII));
            }
            for (String id : answered) {
                assertThat(server.awaitEnd(id, PATIENCE).path("status").asText())
                        .isEqualTo("succeeded");
            }
            assertThat(server.count("succeeded")).isEqualTo(3);
            assertThat(server.count("failed")).isZero();
        }
    }

    /** Between the sizes of the chunks and the head. */
    private static String idOfNextAnswer(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (!line.startsWith("{")) line = in.readLine();
        return tree(line).path("id").asText();
    }
}

package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workflow documents that come over HTTP. */
class DeployIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String YAML = "application/yaml";

    /** Larger than a field of a form may be. */
    private static final String COMMENT = "# a=b&c=d " + "x".repeat(3_000) + "\n";

    @TempDir
    static Path directory;

    private static Sluice server;

    @BeforeAll
    static void start() throws IOException {
        server = Sluice.start(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String document(String namespace, String name, String version, String steps) {
        return "document: { dsl: '1.0.1', namespace: %s, name: %s, version: '%s' }\ndo: %s\n"
                .formatted(namespace, name, version, steps);
    }

    private static String steps(int value) {
        return "[ { x: { set: { v: " + value + " } } } ]";
    }

    private static JsonNode output(String id) {
        JsonNode run = server.awaitEnd(id, PATIENCE);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        return run.path("output");
    }

    private static String started(String workflow) {
        return server.post("/v1/workflows/" + workflow + "/runs", "application/json", "{}")
                .body()
                .path("id")
                .asText();
    }

    @Test
    void aDocumentIsDeployedOnceAndRuns() {
        String source = document("test", "once", "1.0.0", steps(1));
        var first = server.post("/v1/workflows", YAML, source);
        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.headers().get("location").getFirst()).endsWith("/v1/workflows/test.once");
        assertThat(first.body().path("name").asText()).isEqualTo("once");
        assertThat(first.body().path("namespace").asText()).isEqualTo("test");
        assertThat(first.body().path("created").asBoolean()).isTrue();
        var second = server.post("/v1/workflows", YAML, source);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body().path("created").asBoolean()).isFalse();
        assertThat(second.body().path("revision")).isEqualTo(first.body().path("revision"));
        assertThat(output(started("once")).path("v").asInt()).isEqualTo(1);
        assertThat(server.get("/v1/workflows/once").text()).isEqualTo(source);
    }

    /** Nobody has the function, which shows in the attempt: a dispatcher that runs has learnt of the lane. */
    @Test
    void tasksOfAFunctionThatANewDocumentNamesAreDelivered() {
        String steps = "[ { x: { call: function-of-a-new-document } } ]";
        server.post("/v1/workflows", YAML, document("test", "lanes", "1.0.0", steps));
        JsonNode run = server.awaitEnd(started("lanes"), PATIENCE);
        assertThat(run.at("/steps/0/attempts/0/startedAt").asText()).isNotEmpty();
        assertThat(run.at("/steps/0/attempts/0/problem/code").asText()).isNotEmpty();
    }

    @Test
    void everyRevisionIsListedAndCanBeRead() {
        String one = document("test", "often", "1.0.0", steps(1));
        String revision =
                server.post("/v1/workflows", YAML, one).body().path("revision").asText();
        server.post("/v1/workflows", YAML, document("test", "often", "1.1.0", steps(2)));
        JsonNode revisions =
                server.get("/v1/workflows/test.often/revisions").body().path("revisions");
        assertThat(revisions.findValuesAsText("version")).containsExactly("1.1.0", "1.0.0");
        assertThat(revisions.at("/0/latest").asBoolean()).isTrue();
        assertThat(revisions.at("/1/revision").asText()).isEqualTo(revision);
        assertThat(revisions.at("/1/deployedAt").asText()).matches("\\d{4}-.*Z");
        assertThat(server.get("/v1/workflows/often?revision=" + revision).text())
                .isEqualTo(one);
        assertProblem(server.get("/v1/workflows/often?revision=0"), 404, "SL2001");
        assertThat(output(started("test.often")).path("v").asInt()).isEqualTo(2);
    }

    @Test
    void twoNamespacesMayHaveAWorkflowOfTheSameName() {
        server.post("/v1/workflows", YAML, document("a", "both", "1.0.0", steps(1)));
        server.post("/v1/workflows", YAML, document("b", "both", "1.0.0", steps(2)));
        assertProblem(server.get("/v1/workflows/both"), 409, "SL2018");
        assertThat(output(started("a.both")).path("v").asInt()).isEqualTo(1);
        assertThat(output(started("b.both")).path("v").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/yaml",
                "application/x-yaml",
                "text/yaml",
                "text/plain",
                "application/json",
                "application/x-www-form-urlencoded",
                ""
            })
    void aDocumentIsCheckedWhateverItIsCalled(String contentType) {
        var answer = server.post(
                "/v1/workflows/validate",
                contentType,
                COMMENT + document("test", "checked", "1.0.0", "[ { x: { call: f } } ]"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("valid").asBoolean()).isTrue();
        assertThat(answer.body().at("/functions/0").asText()).isEqualTo("f");
        assertProblem(server.get("/v1/workflows/checked"), 404, "SL2001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/workflows", "/v1/workflows/validate"})
    void everyMistakeIsNamedByItsPlace(String path) {
        var answer = server.post(path, YAML, document("test", "bad", "1", "[ { x: { cal: f } } ]"));
        assertProblem(answer, 422, "SL3001");
        assertThat(answer.body().path("errors")).hasSize(2);
        JsonNode error = answer.body().at("/errors/1");
        assertThat(error.path("line").asInt()).isEqualTo(2);
        assertThat(error.path("column").asInt()).isEqualTo(14);
        assertThat(error.path("pointer").asText()).isEqualTo("/do/0/x/cal");
        assertThat(error.path("message").asText()).contains("did you mean 'call'");
    }

    @Test
    void whatIsNoDocumentIsRefused() {
        assertProblem(server.post("/v1/workflows", YAML, ""), 422, "SL3001");
        assertProblem(server.post("/v1/workflows", YAML, "#".repeat((1 << 20) + 1)), 413, "SL2006");
        assertProblem(server.post("/v1/workflows", "image/png", "x"), 415, "SL2012");
        assertProblem(
                server.post("/v1/workflows", YAML, document("test", "w", "1.0.0", "[ { x: { call: mcp } } ]")),
                422,
                "SL3002");
    }
}

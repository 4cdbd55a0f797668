package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.scenario.Sluice.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start for which the workflow's queue terms give no tenant is refused, however it comes; no other one is. */
class QueueTermsIT {
    private static final String RUNS = "/v1/workflows/served/runs";
    private static final String SERVED = """
            document: { dsl: '1.0.1', namespace: test, name: served, version: '1.0.0', metadata: { queue: { tenant: '${ .who }' } } }
            schedule: { on: { one: { with: { type: served.go } } } }
            do: [ { x: { set: { done: true } } } ]
            """;
    private static final String PARENT = """
            document: { dsl: '1.0.1', namespace: test, name: parent, version: '1.0.0', metadata: { queue: { limits: [] } } }
            do:
              - child:
                  run: { workflow: { namespace: test, name: limited, version: '1.0.0', input: { box: '${ .box }' } } }
            """;
    private static final String LIMITED = """
            document:
              { dsl: '1.0.1', namespace: test, name: limited, version: '1.0.0', metadata: { queue: { limits: [ { name: box, key: '${ .box }', max: 1 } ] } } }
            do: [ { x: { set: { done: true } } } ]
            """;

    @TempDir
    Path directory;

    private static void deploy(Sluice server, String document) {
        Answer answer = server.post("/v1/workflows", "application/yaml", document);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }

    private static List<JsonNode> lines(String text) throws IOException {
        var all = new ArrayList<JsonNode>();
        for (String line : text.lines().toList()) all.add(new ObjectMapper().readTree(line));
        return all;
    }

    @Test
    void onlyTheStartThatItIsAboutIsRefusedAndAChildsRefusalFailsItsStep() throws Exception {
        try (Sluice server = Sluice.start(directory)) {
            for (String document : List.of(SERVED, PARENT, LIMITED)) deploy(server, document);
            Answer refused = server.post(RUNS, "application/json", "{\"who\": \"a b\"}");
            assertProblem(refused, 400, "SL3004");
            assertThat(refused.body().path("detail").asText()).contains("'.who' gave \"a b\"");

            String some = "{\"input\": {\"who\": \"a\"}}\n{\"input\": {\"who\": {}}}\n{\"input\": {\"who\": \"b\"}}\n";
            List<JsonNode> answers =
                    lines(server.post(RUNS, "application/x-ndjson", some).text());
            assertThat(answers)
                    .extracting(line -> line.path("outcome").asText())
                    .containsExactly("accepted", "refused", "accepted");
            assertThat(answers.get(1).at("/problem/code").asText()).isEqualTo("SL3004");

            String event = "{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/s\", \"type\": \"served.go\"}";
            assertProblem(server.post("/v1/events", "application/cloudevents+json", event), 400, "SL3004");

            Answer parent = server.post("/v1/workflows/parent/runs", "application/json", "{\"box\": [1]}");
            JsonNode ended = server.awaitEnd(parent.body().path("id").asText(), Duration.ofSeconds(60));
            assertThat(ended.path("status").asText()).isEqualTo("failed");
            assertThat(ended.toString()).contains("SL3004", "/do/0/child");
        }
    }
}

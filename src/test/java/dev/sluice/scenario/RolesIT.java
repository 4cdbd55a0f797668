package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.Documents;
import dev.sluice.scenario.Sluice.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same program as two processes: the functions apart from the rest, with configuration alone. */
class RolesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void functionsInAProcessOfTheirOwnMayComeLateAndNeedNoRedis() throws Exception {
        int core = Sluice.freePort();
        int functions = Sluice.freePort();
        try (Sluice server = Sluice.startOn(
                core,
                Files.createDirectory(directory.resolve("core")),
                "-Dsluice.roles=api,dispatcher,orchestrator",
                "-Dsluice.dispatch.function-url=http://127.0.0.1:" + functions + "/")) {
            var letter = Part.file("a.txt", Documents.utf8("Dear Ms Miller, thank you. Yours sincerely, A. Smith"));
            String id = server.upload(List.of(letter)).body().at("/runs/0/id").asText();
            Awaitility.await().atMost(PATIENCE).until(() -> statusOf(server, id).equals("waiting"));
            assertProblem(post(server, "extract"), 422, "SL2008");
            try (Sluice workers = Sluice.startOn(
                    functions,
                    Files.createDirectory(directory.resolve("functions")),
                    "-Dsluice.roles=functions",
                    "-Dsluice.payloads.url=http://127.0.0.1:" + core + "/v1/payloads")) {
                JsonNode run = server.awaitEnd(id, PATIENCE);
                assertThat(run.path("status").asText())
                        .as(run.path("error").toString())
                        .isEqualTo("succeeded");
                assertThat(run.at("/steps/0/attempts/0/status").asText()).isEqualTo("failed");
                assertThat(run.at("/steps/0/attempts/0/problem/code").asText()).isEqualTo("SL4010");
                assertThat(directory.resolve("functions/data/redis")).doesNotExist();
                assertProblem(workers.get("/v1/runs"), 404, "SL2013");
                assertProblem(post(workers, "orchestrate"), 422, "SL2008");
            }
        }
    }

    @Test
    void whatIsLargeIsKeptByTheProcessThatHasTheDisk() throws Exception {
        int disk = Sluice.freePort();
        Path other = Files.createDirectory(directory.resolve("other"));
        try (Sluice keeper =
                        Sluice.startOn(disk, Files.createDirectory(directory.resolve("keeper")), "-Dsluice.roles=api");
                Sluice server = Sluice.startOn(
                        Sluice.freePort(),
                        other,
                        "-Dsluice.payloads.url=http://127.0.0.1:" + disk + "/v1/payloads",
                        "-Dsluice.payloads.remote=http://127.0.0.1:" + disk + "/v1/payloads")) {
            byte[] letter = Documents.utf8("Dear Ms Miller, thank you. A. Smith. ".repeat(2_000));
            String id = server.upload(List.of(Part.file("a.txt", letter)))
                    .body()
                    .at("/runs/0/id")
                    .asText();
            JsonNode run = server.awaitEnd(id, PATIENCE);
            assertThat(run.path("status").asText())
                    .as(run.path("error").toString())
                    .isEqualTo("succeeded");
            String ref = run.at("/input/document/ref").asText();
            assertThat(keeper.get("/v1/payloads/" + ref).status()).isEqualTo(200);
            assertThat(server.get("/v1/payloads/" + ref).status()).isEqualTo(200);
            assertThat(other.resolve("data/payloads")).doesNotExist();
            assertProblem(server.get("/v1/payloads/sha256-" + "0".repeat(64)), 404, "SL2015");
        }
    }

    private static String statusOf(Sluice server, String id) {
        return server.run(id).body().path("status").asText();
    }

    private static Sluice.Answer post(Sluice to, String type) {
        return to.post(
                "/",
                "application/json",
                "{}",
                "ce-specversion",
                "1.0",
                "ce-id",
                "1",
                "ce-source",
                "/t",
                "ce-type",
                type);
    }
}

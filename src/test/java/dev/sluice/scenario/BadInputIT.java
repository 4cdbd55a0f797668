package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.Documents;
import dev.sluice.scenario.Sluice.Answer;
import dev.sluice.scenario.Sluice.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that a person or a program can get wrong: each gets its own clear error, nothing else suffers. */
class BadInputIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RUNS = "/v1/workflows/document-analysis/runs";

    @TempDir
    static Path directory;

    private static Sluice sluice;

    @BeforeAll
    static void start() throws Exception {
        sluice = Sluice.start(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        sluice.close();
    }

    @AfterEach
    void theProcessLives() {
        assertThat(sluice.isAlive()).isTrue();
        assertThat(sluice.get("/q/health/ready").status()).isEqualTo(200);
    }

    @Test
    void anEmptyFileIsRefused() {
        assertProblem(upload("empty.txt", new byte[0]), 422, "SL2010");
    }

    @Test
    void aFileOf200MegabytesIsRefused() {
        assertProblem(upload("large.txt", new byte[200 << 20]), 413, "SL2006");
    }

    @Test
    void aFileAboveTheLimitOfOneDocumentIsRefused() {
        assertProblem(upload("large.txt", new byte[33 << 20]), 413, "SL2006");
    }

    @Test
    void aFormWithoutFileIsRefused() {
        assertProblem(sluice.upload(List.of(new Part("comment", null, Documents.utf8("hello")))), 400, "SL2005");
    }

    @Test
    void malformedJsonIsRefusedWithItsPlace() {
        Answer answer = sluice.post(RUNS, "application/json", "{\"document\": \n oops}");
        assertProblem(answer, 400, "SL2004");
        assertThat(answer.body().path("detail").asText()).contains("line 2");
    }

    @Test
    void aPageOfAnotherSiteStartsNothing() {
        assertProblem(sluice.post(RUNS, "text/plain", "{}", "Origin", "https://evil.example"), 403, "SL2017");
    }

    @Test
    void jsonAboveTheLimitIsRefused() {
        assertProblem(sluice.post(RUNS, "application/json", "[" + "{},".repeat(4 << 20) + "{}]"), 413, "SL2006");
    }

    @Test
    void anInputThatDoesNotMatchTheSchemaIsRefused() {
        Answer answer = sluice.post(RUNS, "application/json", "{\"document\": {\"name\": 7}}");
        assertProblem(answer, 422, "SL2011");
    }

    @Test
    void anUnknownWorkflowIsRefusedNamingThoseThereAre() {
        Answer answer = sluice.post("/v1/workflows/no-such/runs", "application/json", "{}");
        assertProblem(answer, 404, "SL2001");
        assertThat(answer.body().path("detail").asText()).contains("document-analysis");
    }

    @Test
    void anotherMediaTypeIsRefused() {
        assertProblem(sluice.post(RUNS, "text/plain", "hello"), 415, "SL2012");
    }

    @Test
    void anUnknownRunIsNotFound() {
        assertProblem(sluice.run("default.local.0-01m84vpgffhej510m2q6ay4wy3"), 404, "SL2002");
        assertProblem(sluice.run("no-such-run"), 404, "SL2002");
    }

    @Test
    void anUnknownPathIsNotFound() {
        assertProblem(sluice.get("/v1/no-such"), 404, "SL2013");
    }

    @Test
    void aFunctionCannotBeCalledPastTheStepContract() {
        assertProblem(sluice.post("/extract", "application/json", "{}"), 404, "SL2013");
        assertProblem(sluice.get("/orchestrate"), 404, "SL2013");
    }

    @Test
    void aCloudEventWithoutIdIsRefused() {
        Answer answer = sluice.post(
                "/v1/events", "application/json", "{}", "ce-specversion", "1.0", "ce-type", "t", "ce-source", "s");
        assertProblem(answer, 400, "SL2007");
        assertThat(answer.body().path("detail").asText()).contains("'id'");
    }

    @Test
    void aStructuredCloudEventThatIsNoJsonIsRefused() {
        assertProblem(sluice.post("/", "application/cloudevents+json", "{\"id\": "), 400, "SL2007");
    }

    @Test
    void aBatchOfCloudEventsIsRefused() {
        assertProblem(sluice.post("/", "application/cloudevents-batch+json", "[]"), 400, "SL2007");
    }

    @Test
    void anEventThatNoWorkflowTakesIsRefused() {
        Answer answer = sluice.post(
                "/",
                "application/json",
                "{}",
                "ce-specversion",
                "1.0",
                "ce-type",
                "nobody.wants.this",
                "ce-source",
                "s",
                "ce-id",
                "1");
        assertProblem(answer, 422, "SL2008");
    }

    @Test
    void aKeyUsedForAnotherInputIsRefused() {
        String one = "{\"document\": {\"name\": \"a.txt\", \"text\": \"one\"}}";
        String key = "Idempotency-Key";
        Answer first = sluice.post(RUNS, "application/json", one, key, "k-1");
        Answer again = sluice.post(RUNS, "application/json", one, key, "k-1");
        assertThat(again.body().path("id")).isEqualTo(first.body().path("id"));
        assertProblem(sluice.post(RUNS, "application/json", one.replace("one", "two"), key, "k-1"), 422, "SL2009");
    }

    @Test
    void badDocumentsInABatchFailWithTheirReasonAndTheOthersSucceed() {
        Map<String, byte[]> documents = new HashMap<>();
        documents.put("good-1.txt", Documents.utf8("Dear Ms Miller, thank you for your letter. Yours, A. Smith"));
        documents.put("good-2.pdf", Documents.pdf("Invoice 17", "Total: 99.00 EUR", "Please pay by 2026-02-01."));
        documents.put(
                "broken-utf8.txt", new byte[] {'G', 'r', (byte) 0xfc, (byte) 0xdf, 'e', ' ', 'a', 'u', 's', ' ', 'K'});
        documents.put("random.pdf", Documents.random(5_000));
        documents.put("secret.pdf", Documents.pdf("letmein", new String[] {"Secret"}));
        documents.put("bomb.docx", Documents.docxWithPictureOfZeros(400L << 20));
        documents.put("picture.png", new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13});
        documents.put("empty.txt", new byte[0]);
        var parts = documents.entrySet().stream()
                .map(d -> Part.file(d.getKey(), d.getValue()))
                .toList();
        Answer answer = sluice.upload(parts);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.body().path("refused").findValuesAsText("name")).containsExactly("empty.txt");
        var outcomes = new HashMap<String, String>();
        for (JsonNode started : answer.body().path("runs")) {
            JsonNode run = sluice.awaitEnd(started.path("id").asText(), PATIENCE);
            String error = run.path("error").path("code").asText();
            outcomes.put(started.path("name").asText(), run.path("status").asText() + " " + error);
        }
        assertThat(outcomes)
                .containsOnly(
                        Map.entry("good-1.txt", "succeeded "),
                        Map.entry("good-2.pdf", "succeeded "),
                        Map.entry("broken-utf8.txt", "succeeded "),
                        Map.entry("random.pdf", "failed SL4003"),
                        Map.entry("secret.pdf", "failed SL4002"),
                        Map.entry("bomb.docx", "failed SL4004"),
                        Map.entry("picture.png", "failed SL4001"));
    }

    private static Answer upload(String name, byte[] content) {
        return sluice.upload(List.of(Part.file(name, content)));
    }
}

package dev.sluice.scenario;

import static dev.sluice.scenario.Sluice.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.Documents;
import dev.sluice.scenario.Sluice.Answer;
import dev.sluice.scenario.Sluice.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
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
        long before = sluice.get("/v1/runs?limit=200").body().path("runs").size();
        assertProblem(sluice.post(RUNS, "text/plain", "{}", "Origin", "https://evil.example"), 403, "SL2017");
        var form = List.of(Part.file("a.txt", Documents.utf8("hello")));
        assertProblem(sluice.upload(form, "Origin", "https://evil.example"), 403, "SL2017");
        assertThat(sluice.get("/v1/runs?limit=200").body().path("runs")).hasSize((int) before);
    }

    @Test
    void jsonAboveTheLimitIsRefused() {
        assertProblem(sluice.post(RUNS, "application/json", "[" + "{},".repeat(4 << 20) + "{}]"), 413, "SL2006");
    }

    @Test
    void anEmptyBodyIsRefusedInsteadOfWaitedFor() {
        assertProblem(sluice.post(RUNS, "application/json", ""), 400, "SL2004");
        assertProblem(sluice.post("/", "", ""), 400, "SL2007");
    }

    @Test
    void aFormCutOffOrWithAnotherBoundaryIsRefusedInsteadOfWaitedFor() {
        String form = "--a\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello";
        assertProblem(sluice.post(RUNS, "multipart/form-data; boundary=a", form), 400, "SL2005");
        assertProblem(sluice.post(RUNS, "multipart/form-data; boundary=b", form + "\r\n--a--\r\n"), 400, "SL2005");
        assertProblem(sluice.post(RUNS, "multipart/form-data; boundary=a", ""), 400, "SL2005");
    }

    @Test
    void aFormThatCannotBeReadIsRefusedWithAReason() {
        String noName = "--a\r\n\r\nhello\r\n--a--\r\n";
        assertProblem(sluice.post(RUNS, "multipart/form-data; boundary=a", noName), 400, "SL2014");
        String type = "multipart/form-data; boundary=a; charset=no-such";
        assertProblem(sluice.post(RUNS, type, noName), 400, "SL2014");
        assertProblem(upload("n".repeat(4_000), Documents.utf8("hello")), 400, "SL2014");
    }

    @Test
    void aFormWithMorePartsThanTheLimitIsRefusedAndLeavesNoFiles() {
        Part part = Part.file("a.txt", Documents.utf8("hello"));
        assertProblem(sluice.upload(Collections.nCopies(1_001, part)), 400, "SL2014");
        Awaitility.await("no files of the form").atMost(PATIENCE).until(() -> filesIn("data/uploads") == 0);
    }

    @Test
    void aContentTypeThatIsNoneIsRefused() {
        assertProblem(sluice.post(RUNS, "garbage", "{}"), 415, "SL2012");
    }

    @Test
    void aLimitThatIsNoNumberIsRefusedNamingTheLimit() {
        for (String path : List.of("/v1/runs?limit=abc", "/v1/results?limit=99999999999", "/v1/runs?limit=0")) {
            Answer answer = sluice.get(path);
            assertProblem(answer, 400, "SL2014");
            assertThat(answer.body().path("detail").asText()).contains("1 to 200");
        }
    }

    @Test
    void aMethodThatAnAddressDoesNotTakeIsRefusedNamingIt() {
        assertProblem(sluice.get(RUNS), 405, "SL2013");
        assertProblem(sluice.send("OPTIONS", "/"), 405, "SL2013");
        assertThat(sluice.get(RUNS).body().path("detail").asText()).contains("GET");
    }

    @Test
    void aWakeUpThatNamesNoPartitionIsRefused() {
        String[] event = {"ce-specversion", "1.0", "ce-type", "orchestrate", "ce-source", "s", "ce-id", "1"};
        assertProblem(sluice.post("/", "application/json", "{}", event), 400, "SL2007");
        assertProblem(sluice.post("/", "application/json", "oops", event), 400, "SL2007");
    }

    @Test
    void theApiBeginsWithTheListOfItsAddresses() {
        assertThat(sluice.get("/v1").text()).contains("POST /v1/workflows/{name}/runs");
    }

    @Test
    void anInputThatDoesNotMatchTheSchemaIsRefused() {
        Answer answer = sluice.post(RUNS, "application/json", "{\"document\": {\"name\": 7}}");
        assertProblem(answer, 422, "SL2011");
        assertThat(answer.body().path("detail").asText())
                .contains("/document/name")
                .doesNotContain("array expected");
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
    void aTypeInAnotherCaseIsNoFunction() {
        String[] event = {"ce-specversion", "1.0", "ce-type", "EXTRACT", "ce-source", "s", "ce-id", "1"};
        assertProblem(sluice.post("/", "application/json", "{}", event), 422, "SL2008");
        assertProblem(sluice.post("/Extract", "application/json", "{}"), 404, "SL2013");
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

    private static int filesIn(String place) {
        return Objects.requireNonNull(directory.resolve(place).toFile().list()).length;
    }

    private static Answer upload(String name, byte[] content) {
        return sluice.upload(List.of(Part.file(name, content)));
    }
}

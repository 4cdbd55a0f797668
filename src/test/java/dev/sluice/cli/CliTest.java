package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CliTest {
    private static final String ACCEPTED = """
            {"runs":[{"id":"r-1","location":"/v1/runs/r-1","name":"a.txt"}],"refused":[]}""";
    private static final String RUNNING = """
            {"id":"r-1","status":"running"}""";
    private static final String SUCCEEDED = """
            {"id":"r-1","workflow":"document-analysis","status":"succeeded","title":"a.txt","error":null,
             "output":{"label":"invoice","confidence":0.97,"summary":"An invoice over 12 \\u001b[31meuros","keyPoints":[]},
             "usage":{"inputTokens":1200,"outputTokens":34,"costMicros":1500}}""";
    private static final String FAILED = """
            {"id":"r-1","status":"failed","output":null,
             "error":{"code":"SL4003","title":"Document is damaged","detail":"it ends at byte 12"}}""";
    private static final String REFUSED = """
            {"type":"/v1/errors/SL2010","status":422,"code":"SL2010","title":"Empty file","detail":"a.txt has no bytes"}""";

    private static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: test, name: w, version: '1.0.0' }
            do: [ { x: { call: f } } ]
            """;

    @TempDir
    Path temp;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private FakeServer server;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        file = Files.writeString(temp.resolve("a.txt"), "Invoice 7: 12 EUR");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void showsWhatCameOutWhenARunHasEnded() {
        prepare(202, ACCEPTED, RUNNING, SUCCEEDED);
        assertThat(analyze(file.toString())).isEqualTo(Cli.DONE);
        assertThat(out.toString().lines().toList().getFirst()).matches("FILE +STATUS +LABEL +SUMMARY +TOKENS +COST");
        assertThat(out.toString())
                .contains("a.txt  succeeded  invoice  An invoice over 12 [31meuros")
                .contains("1234  $0.001500")
                .contains("1 of 1 documents in ")
                .doesNotContain("\u001b");
        assertThat(err.toString()).contains("1 of 1 uploaded", "1 of 1 ended");
    }

    @Test
    void uploadsTheFileAsAPartNamedFile() {
        prepare(202, ACCEPTED, SUCCEEDED);
        analyze("--workflow", "my flow", file.toString());
        FakeServer.Upload upload = server.uploads.getFirst();
        assertThat(upload.path()).isEqualTo("/v1/workflows/my%20flow/runs");
        assertThat(upload.contentType()).startsWith("multipart/form-data; boundary=");
        assertThat(upload.idempotencyKey()).isNotBlank();
        assertThat(upload.body())
                .contains("Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n")
                .contains("\r\n\r\nInvoice 7: 12 EUR\r\n--");
    }

    @Test
    void aRunThatFailedIsShownWithItsReason() {
        prepare(202, ACCEPTED, FAILED);
        assertThat(analyze(file.toString())).isEqualTo(Cli.FAILED);
        assertThat(out.toString()).contains("a.txt (run r-1): SL4003 Document is damaged: it ends at byte 12");
    }

    @Test
    void aFileThatTheServerRefusesIsShownWithItsReason() {
        prepare(422, REFUSED, RUNNING);
        assertThat(analyze(file.toString())).isEqualTo(Cli.FAILED);
        assertThat(out.toString()).contains("a.txt: SL2010 Empty file: a.txt has no bytes");
    }

    @Test
    void oneOfManyThatIsRefusedDoesNotHoldTheOthersBack() throws IOException {
        Path empty = Files.createFile(temp.resolve("b.txt"));
        String both = """
                {"runs":[{"id":"r-1","name":"a.txt"}],"refused":[{"name":"b.txt","problem":%s}]}""";
        prepare(202, both.formatted(REFUSED), SUCCEEDED);
        assertThat(analyze(file.toString(), empty.toString())).isEqualTo(Cli.FAILED);
        assertThat(out.toString()).contains("a.txt  succeeded", "b.txt  refused", "1 of 2 documents");
    }

    @Test
    void aBusyServerIsAskedAgainWithTheSameKey() {
        server.uploadAnswers.add(new FakeServer.Prepared(503, REFUSED));
        prepare(202, ACCEPTED, SUCCEEDED);
        assertThat(analyze(file.toString())).isEqualTo(Cli.DONE);
        assertThat(server.uploads).hasSize(2);
        assertThat(server.uploads.get(0).idempotencyKey())
                .isEqualTo(server.uploads.get(1).idempotencyKey());
    }

    @Test
    void jsonHoldsTheRunAsTheServerShowsIt() throws IOException {
        prepare(202, ACCEPTED, SUCCEEDED);
        assertThat(analyze("-o", "json", file.toString())).isEqualTo(Cli.DONE);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.at("/documents/0/run/output/label").asText()).isEqualTo("invoice");
        assertThat(json.at("/total/costMicros").asLong()).isEqualTo(1500);
    }

    @Test
    void aFileThatDoesNotExistIsNamedAndNotUploaded() {
        prepare(202, ACCEPTED, SUCCEEDED);
        assertThat(analyze(temp.resolve("none.txt").toString())).isEqualTo(Cli.FAILED);
        assertThat(out.toString()).contains("there is no such file");
        assertThat(server.uploads).isEmpty();
    }

    @Test
    void whatIsNotFinishedInTimeIsNotASuccess() {
        prepare(202, ACCEPTED, RUNNING);
        assertThat(analyze("--timeout", "1s", file.toString())).isEqualTo(Cli.FAILED);
        assertThat(out.toString()).contains("a.txt (run r-1): not finished, running");
    }

    @Test
    void aServerThatIsNotThereIsOneSentence() {
        server.close();
        assertThat(analyze(file.toString())).isEqualTo(Cli.NOT_REACHABLE);
        assertThat(err.toString())
                .isEqualTo("No server answers at " + server.url()
                        + ". Start one with 'make run', or name another with --server URL (make: SERVER=URL).\n");
    }

    @Test
    void aCommandLineThatIsNotValidExitsWithTwo() {
        assertThat(execute("analyze")).isEqualTo(Cli.USAGE);
        assertThat(execute("analyze", "--timeout", "soon", "x")).isEqualTo(Cli.USAGE);
        assertThat(execute("analyze", "--server", "localhost", "x")).isEqualTo(Cli.USAGE);
        assertThat(execute("nonsense")).isEqualTo(Cli.USAGE);
    }

    @Test
    void explainPrintsThePageOfACode() {
        assertThat(execute("explain", "sl1001")).isEqualTo(Cli.DONE);
        assertThat(out.toString()).startsWith("# SL1001 Port taken\n");
    }

    @Test
    void explainRefusesWhatIsNoCode() {
        assertThat(execute("explain", "SL0000")).isEqualTo(Cli.USAGE);
        assertThat(execute("explain", "../application")).isEqualTo(Cli.USAGE);
        assertThat(err.toString()).contains("There is no error code SL0000.", "'../application' is not an error code");
    }

    @Test
    void validateSaysThatAndAsWhatADocumentCanBeDeployed() throws IOException {
        Path valid = Files.writeString(temp.resolve("w.yaml"), WORKFLOW);
        assertThat(execute("validate", valid.toString())).isEqualTo(Cli.DONE);
        assertThat(out.toString()).matches(valid + ": valid, test\\.w version 1\\.0\\.0, revision [0-9a-f]{16}\n");
    }

    @Test
    void validateNamesEveryMistakeOfEveryFileOnALineOfItsOwn() throws IOException {
        Path one = Files.writeString(temp.resolve("1.yaml"), WORKFLOW.replace("call", "cal"));
        Path two = Files.writeString(temp.resolve("2.yaml"), WORKFLOW + "scheduel: 1\ntimeout: 2\n");
        Path three = Files.write(temp.resolve("3.yaml"), new byte[] {(byte) 0xff});
        Path none = temp.resolve("none.yaml");
        Path valid = Files.writeString(temp.resolve("4.yaml"), WORKFLOW);
        String[] files = {one.toString(), two.toString(), three.toString(), none.toString(), valid.toString()};
        assertThat(execute(
                        Stream.concat(Stream.of("validate"), Stream.of(files)).toArray(String[]::new)))
                .isEqualTo(Cli.FAILED);
        assertThat(out.toString().lines())
                .startsWith(
                        one + ":2:14: /do/0/x/cal: 'cal' is not a member here; did you mean 'call'?",
                        two + ":3:1: /scheduel: 'scheduel' is not a member here; did you mean 'schedule'?",
                        two + ":4:1: /timeout: 2 is not an object or a text",
                        three + ": the document is not UTF-8",
                        none + ": there is no such file")
                .hasSize(6);
        assertThat(execute("validate")).isEqualTo(Cli.USAGE);
    }

    @Test
    void serverRunsTheServer() {
        List<String> ran = new ArrayList<>();
        assertThat(Cli.run(() -> ran.add("server"), "server")).isEqualTo(Cli.DONE);
        assertThat(ran).containsExactly("server");
    }

    private void prepare(int status, String upload, String... runs) {
        server.uploadAnswers.add(new FakeServer.Prepared(status, upload));
        for (String run : runs) server.runAnswers.add(new FakeServer.Prepared(200, run));
    }

    private int analyze(String... arguments) {
        List<String> all = new ArrayList<>(List.of("analyze", "--server", server.url()));
        all.addAll(List.of(arguments));
        return execute(all.toArray(String[]::new));
    }

    private int execute(String... arguments) {
        CommandLine line = Cli.line(() -> {});
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}

package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;

/** The packaged program in a process of its own, spoken to over HTTP as a user would. */
public final class Sluice implements AutoCloseable {
    /** 60 s: starting takes 2 to 6 s on a loaded machine. */
    static final Duration START_MAX = Duration.ofSeconds(60);

    private static final Path JAR =
            Path.of(System.getProperty("sluice.build.directory", "target"), "quarkus-app", "quarkus-run.jar");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");

    private final Path directory;
    private final int port;
    private final List<String> options;
    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;

    /** One part of a form. */
    record Part(String field, String fileName, byte[] content) {
        static Part file(String name, byte[] content) {
            return new Part("file", name, content);
        }
    }

    /** @param body null when it is no JSON */
    public record Answer(int status, Map<String, List<String>> headers, String text, JsonNode body) {}

    private Sluice(Path directory, int port, List<String> options) {
        this.directory = directory;
        this.port = port;
        this.options = options;
    }

    /** Starts it with its data below {@code directory} and waits until it is ready. */
    public static Sluice start(Path directory, String... options) throws IOException {
        return startOn(freePort(), directory, options);
    }

    public static Sluice startOn(int port, Path directory, String... options) throws IOException {
        var sluice = new Sluice(directory, port, List.of(options));
        sluice.start();
        return sluice;
    }

    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    public void start() throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A test's process lives for seconds: what the second compiler makes of it would never pay.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dsluice.data=" + directory.resolve("data"),
                "-Dquarkus.http.port=" + port));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toAbsolutePath().toString()));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        Awaitility.await("ready: " + log()).atMost(START_MAX).until(() -> process.isAlive() && isReady());
    }

    private boolean isReady() {
        try {
            return get("/q/health/ready").status() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** For signals; another one after each {@link #start}. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** {@code kill -9}. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public Path log() {
        return directory.resolve("sluice.log");
    }

    public Answer get(String path, String... headers) {
        var request = request(path).GET();
        for (int i = 0; i + 1 < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return send(request);
    }

    Answer send(String method, String path) {
        return send(request(path).method(method, BodyPublishers.noBody()));
    }

    public Answer post(String path, String contentType, String body, String... headers) {
        var request = request(path).POST(BodyPublishers.ofString(body));
        if (!contentType.isEmpty()) request.header("Content-Type", contentType);
        for (int i = 0; i + 1 < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return send(request);
    }

    /** Uploads to the workflow {@code document-analysis}. */
    Answer upload(List<Part> parts, String... headers) {
        String boundary = "boundary-of-a-test";
        var form = new ByteArrayOutputStream();
        for (Part part : parts) {
            String file = part.fileName() == null ? "" : "; filename=\"" + part.fileName() + "\"";
            form.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part.field() + "\""
                            + file + "\r\n"
                            + (part.fileName() == null ? "" : "Content-Type: application/octet-stream\r\n") + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            form.writeBytes(part.content());
            form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        form.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        var request = request("/v1/workflows/document-analysis/runs")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofByteArray(form.toByteArray()));
        for (int i = 0; i + 1 < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return send(request);
    }

    public Answer run(String id) {
        return get("/v1/runs/" + id);
    }

    public JsonNode awaitEnd(String id, Duration patience) {
        return Awaitility.await("the end of " + id)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> run(id).body(),
                        run -> FINAL.contains(run.path("status").asText()));
    }

    public long count(String status) {
        return get("/v1/runs?limit=1").body().path("counts").path(status).asLong();
    }

    /** Each line of the download of results. */
    List<JsonNode> results() {
        return get("/v1/results.jsonl").text().lines().map(Sluice::tree).toList();
    }

    /** The live feed, from its first line on; a read gives up with the connection's end only. */
    BufferedReader feed() throws IOException, InterruptedException {
        var response = http.send(request("/v1/feed").GET().build(), BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).startsWith(":");
        return lines;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            String type = response.headers().firstValue("content-type").orElse("");
            JsonNode body = type.contains("json") && !type.contains("jsonl") ? tree(response.body()) : null;
            return new Answer(response.statusCode(), response.headers().map(), response.body(), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asserts an RFC 9457 problem with this status and code, and a detail that says more than the title. */
    static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.headers().get("content-type").getFirst()).startsWith("application/problem+json");
        assertThat(answer.body().path("code").asText()).isEqualTo(code);
        assertThat(answer.body().path("status").asInt()).isEqualTo(status);
        assertThat(answer.body().path("type").asText()).isEqualTo("/v1/errors/" + code);
        assertThat(answer.body().path("detail").asText()).hasSizeGreaterThan(15);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, java.util.concurrent.TimeUnit.SECONDS)) kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
        if (!Files.exists(log())) throw new IOException("no log at " + log());
    }
}

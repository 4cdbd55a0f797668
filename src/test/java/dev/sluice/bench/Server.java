package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The packaged program in a process of its own, as a user starts it. */
final class Server implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Path JAR =
            Path.of(System.getProperty("sluice.build.directory", "target"), "quarkus-app", "quarkus-run.jar");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final Child child;
    final int port;

    private Server(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    /** Returns when it is ready. @param options of its JVM */
    static Server start(Path directory, int port, String redisUrl, List<String> options) throws IOException {
        var command = new ArrayList<>(List.of(
                Child.java(),
                "-Dquarkus.http.port=" + port,
                "-Dsluice.data=" + directory.resolve("data"),
                "-Dquarkus.redis.hosts=" + redisUrl));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toAbsolutePath().toString()));
        Path log = directory.resolve("server.log");
        var server = new Server(Child.start(log, command), port);
        if (Pause.until(START_MAX, 50, server::isReadyOrGone) && server.child.isAlive()) return server;
        server.close();
        throw new IOException("the server did not get ready; " + log + " says why");
    }

    private boolean isReadyOrGone() {
        try {
            return !child.isAlive() || get("/q/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param document YAML */
    void deploy(String document) throws IOException {
        var answer = post("/v1/workflows", "application/yaml", document);
        if (answer.statusCode() / 100 != 2) throw new IOException("not deployed: " + answer.body());
    }

    /** How many runs have this status. */
    long count(String status) throws IOException {
        return json("/v1/runs?limit=1").path("counts").path(status).asLong();
    }

    JsonNode json(String path) throws IOException {
        return JSON.readTree(get(path).body());
    }

    private HttpResponse<String> get(String path) throws IOException {
        return send(request(path).GET());
    }

    HttpResponse<String> post(String path, String contentType, String body) throws IOException {
        return send(request(path).header("content-type", contentType).POST(BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}

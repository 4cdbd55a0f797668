package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The two calls of the API that the command line needs. */
final class ApiClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

    /** 30 s for a small answer; an upload has its own, longer time. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    /** 5 min for one upload: 32 MiB at 1 Mbit/s. */
    private static final Duration UPLOAD_MAX = Duration.ofMinutes(5);

    private final URI server;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_MAX).build();

    ApiClient(URI server) {
        this.server = server;
    }

    /**
     * What the server said.
     *
     * @param status HTTP status, 100 to 599
     * @param body JSON, missing when the body is none
     * @param retryAfter the header in seconds, when it was a number
     */
    record Answer(int status, JsonNode body, Optional<Duration> retryAfter) {
        boolean ok() {
            return status >= 200 && status < 300;
        }

        /** The server is too busy or is just starting: the same request may be taken later. */
        boolean tryLater() {
            return status == 429 || status == 503;
        }
    }

    /**
     * {@code POST /v1/workflows/{workflow}/runs}: starts one run for each file.
     *
     * @param idempotencyKey the same for every try of the same upload, so that a repeated one starts nothing twice
     */
    Answer upload(String workflow, List<Path> files, String idempotencyKey) throws IOException {
        try {
            Multipart multipart = Multipart.of(idempotencyKey, files);
            return send(request("/v1/workflows/" + encoded(workflow) + "/runs", UPLOAD_MAX)
                    .header("Content-Type", multipart.contentType())
                    .header("Idempotency-Key", idempotencyKey)
                    .POST(multipart.body())
                    .build());
        } catch (FileNotFoundException e) {
            throw new CliException(Cli.FAILED, "A file was taken away while it was read: " + e.getMessage());
        }
    }

    /** {@code GET /v1/runs/{id}}. */
    Answer run(String id) throws IOException {
        return send(request("/v1/runs/" + encoded(id), ANSWER_MAX).GET().build());
    }

    private HttpRequest.Builder request(String path, Duration limit) {
        String base = server.toString().replaceAll("/+$", "");
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(limit)
                .header("Accept", "application/json, application/problem+json");
    }

    private Answer send(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    json(response.body()),
                    response.headers()
                            .firstValue("Retry-After")
                            .filter(s -> s.matches("\\d{1,5}"))
                            .map(s -> Duration.ofSeconds(Long.parseLong(s))));
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw notReachable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(Cli.FAILED, "Interrupted.");
        }
    }

    private CliException notReachable() {
        return new CliException(
                Cli.NOT_REACHABLE,
                "No server answers at " + server + ". Start one with 'make run', or name another with --server URL"
                        + " (make: SERVER=URL).");
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

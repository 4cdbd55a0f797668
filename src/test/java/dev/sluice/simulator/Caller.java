package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks an endpoint of OpenAI's protocol, without knowing more of it than tests need. */
final class Caller implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    /** @param text of the body */
    record Said(int status, HttpHeaders headers, String text) {
        JsonNode json() {
            return tree(text);
        }

        String content() {
            return json().at("/choices/0/message/content").asText();
        }

        /** Of a stream, without {@code data:} and without the last, {@code [DONE]}. */
        List<JsonNode> events() {
            var events = new ArrayList<JsonNode>();
            for (String line : text.split("\n\n")) {
                String data = line.replaceFirst("^data: ", "");
                if (!data.equals("[DONE]")) events.add(tree(data));
            }
            return events;
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    Caller(Simulator simulator) {
        this.url = simulator.url();
    }

    static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }

    static ObjectNode question(String text) {
        ObjectNode question = JSON.createObjectNode().put("model", "m");
        question.putArray("messages").addObject().put("role", "user").put("content", text);
        return question;
    }

    /** @param schema JSON, with single quotes for double ones */
    static ObjectNode typed(String text, String schema) {
        ObjectNode question = question(text);
        ObjectNode format = question.putObject("response_format").put("type", "json_schema");
        format.putObject("json_schema").put("name", "answer").set("schema", tree(schema.replace('\'', '"')));
        return question;
    }

    Said chat(JsonNode body) {
        return post("/chat/completions", body);
    }

    Said chat(String text) {
        return chat(question(text));
    }

    CompletableFuture<Said> begin(JsonNode body) {
        return http.sendAsync(request("/chat/completions", body), BodyHandlers.ofString())
                .thenApply(Caller::said);
    }

    /** @param path below the base URL; with {@code ..} above it */
    Said post(String path, JsonNode body, String... headers) {
        return send(request(path, body, headers));
    }

    Said get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).timeout(PATIENCE).build());
    }

    private URI uri(String path) {
        return URI.create(path.startsWith("/..") ? url.replace("/v1", path.substring(3)) : url + path);
    }

    private HttpRequest request(String path, JsonNode body, String... headers) {
        var request = HttpRequest.newBuilder(uri(path))
                .timeout(PATIENCE)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
        for (int i = 0; i + 1 < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
        return request.build();
    }

    private Said send(HttpRequest request) {
        try {
            return said(http.send(request, BodyHandlers.ofString()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static Said said(HttpResponse<String> response) {
        return new Said(response.statusCode(), response.headers(), response.body());
    }

    /** Closes its connections, whatever is under way. */
    @Override
    public void close() {
        http.shutdownNow();
    }
}

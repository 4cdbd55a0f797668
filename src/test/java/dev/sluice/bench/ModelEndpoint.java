package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A simulated endpoint of the chat-completions protocol. Every answer fits the schema that it was asked with and takes
 * as long as a model of {@value #TOKENS_PER_SECOND} tokens a second takes for it, however many streams there are: a
 * timer each, no thread. {@code GET /} tells how many answers there were, and how many were summaries.
 */
final class ModelEndpoint {
    static final double TOKENS_PER_SECOND = 51.4;

    private static final int CHARACTERS_PER_TOKEN = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** 15 tokens. */
    private static final String SENTENCE = "It says what was delivered, to whom, and when to pay it.";

    private record Completion(Buffer body, long millis) {}

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));

    /** By the schema's name: the same question has the same answer. */
    private final Map<String, Completion> completions = new ConcurrentHashMap<>();

    private long answers;
    private long summaries;

    private ModelEndpoint() {}

    /** @param arguments the port */
    public static void main(String[] arguments) {
        var endpoint = new ModelEndpoint();
        endpoint.vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(arguments[0])))
                .requestHandler(endpoint::answer)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        if (request.method() == HttpMethod.GET) {
            request.response().end(answers + " " + summaries);
            return;
        }
        request.bodyHandler(body -> {
            JsonNode schema = read(body).at("/response_format/json_schema");
            String name = schema.path("name").asText();
            Completion completion = completions.computeIfAbsent(name, n -> completion(schema.path("schema")));
            vertx.setTimer(completion.millis(), timer -> {
                answers++;
                if (name.endsWith("summary")) summaries++;
                request.response().putHeader("content-type", "application/json").end(completion.body());
            });
        });
    }

    private static Completion completion(JsonNode schema) {
        String content = valid(schema).toString();
        int tokens = Math.ceilDiv(content.length(), CHARACTERS_PER_TOKEN);
        ObjectNode completion = JsonNodeFactory.instance.objectNode();
        ObjectNode choice = completion.putArray("choices").addObject().put("finish_reason", "stop");
        choice.putObject("message").put("role", "assistant").put("content", content);
        completion.putObject("usage").put("prompt_tokens", 1_000).put("completion_tokens", tokens);
        return new Completion(Buffer.buffer(completion.toString()), Math.round(tokens * 1_000 / TOKENS_PER_SECOND));
    }

    /** The value that a model might give: every member, two or three sentences of text, three items of a list. */
    private static JsonNode valid(JsonNode schema) {
        JsonNode choices = schema.path("enum");
        if (choices.size() > 0) return choices.get(0);
        JsonNode type = schema.path("type");
        var json = JsonNodeFactory.instance;
        return switch (type.isArray() ? type.get(0).asText() : type.asText()) {
            case "object" -> {
                ObjectNode object = json.objectNode();
                schema.path("properties").properties().forEach(p -> object.set(p.getKey(), valid(p.getValue())));
                yield object;
            }
            case "array" -> {
                var array = json.arrayNode();
                for (int i = 0; i < 3; i++) array.add(valid(schema.path("items")));
                yield array;
            }
            case "number", "integer" -> json.numberNode(schema.path("maximum").asInt(1));
            case "boolean" -> json.booleanNode(true);
            default -> json.textNode(type.isArray() ? "2026-03-01" : SENTENCE);
        };
    }

    private static JsonNode read(Buffer body) {
        try {
            return JSON.readTree(body.getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

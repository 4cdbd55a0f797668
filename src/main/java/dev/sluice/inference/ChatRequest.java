package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.InferenceSettings.AnswerFormat;
import java.util.List;
import java.util.Optional;

/** Puts an {@link Ask} into the words of the chat-completions protocol, and any request into those of an endpoint. */
final class ChatRequest {
    /**
     * Where a cut message is cut: two thirds of what remains come from its start, where documents say what they are.
     */
    private static final double HEAD = 2.0 / 3;

    private static final String LIMIT = "max_completion_tokens";
    private static final String OLD_LIMIT = "max_tokens";

    /** Ten million: ten times what the largest window of today has. */
    private static final int OUTPUT_TOKENS_MAX = 10_000_000;

    /** 128: as OpenAI has it. */
    private static final int ANSWERS_MAX = 128;

    private ChatRequest() {}

    /** In OpenAI's own words, without a model and a schema. */
    static ObjectNode of(Ask ask) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        var messages = request.putArray("messages");
        if (!ask.system().isEmpty()) messages.addObject().put("role", "system").put("content", ask.system());
        messages.addObject().put("role", "user").put("content", ask.user());
        request.put(LIMIT, ask.outputTokensMax());
        return request;
    }

    /** The request, whose answer is to be valid against the schema. @param request is not changed */
    static ObjectNode answeredBy(ObjectNode request, String schemaName, JsonNode schema) {
        ObjectNode asked = request.deepCopy();
        ObjectNode format = asked.putObject("response_format").put("type", "json_schema");
        format.putObject("json_schema")
                .put("name", schemaName)
                .put("strict", true)
                .set("schema", schema);
        return asked;
    }

    /** Most tokens of all answers together that the endpoint may give. */
    static long outputTokensMax(JsonNode request, Endpoint endpoint) {
        JsonNode limit = limit(request);
        long bound = limit.asLong(endpoint.limits().outputTokensMax());
        return bound * Math.max(1, request.path("n").asLong(1));
    }

    /** Null is as if it were not there: clients write every member that they know. */
    private static JsonNode limit(JsonNode request) {
        return request.path(request.hasNonNull(LIMIT) ? LIMIT : OLD_LIMIT);
    }

    /**
     * What is wrong with the members by which the answer's price is known beforehand. Servers differ in what they make
     * of those: to llama.cpp and Ollama -1 tokens are as many as there can be.
     */
    static Optional<String> unbounded(JsonNode request) {
        for (String member : List.of(LIMIT, OLD_LIMIT)) {
            if (!isWithin(request.get(member), OUTPUT_TOKENS_MAX)) {
                return Optional.of("\"" + member + "\" must be a whole number from 1 to " + OUTPUT_TOKENS_MAX);
            }
        }
        return isWithin(request.get("n"), ANSWERS_MAX)
                ? Optional.empty()
                : Optional.of("\"n\" must be a whole number from 1 to " + ANSWERS_MAX);
    }

    private static boolean isWithin(JsonNode number, int max) {
        if (number == null || number.isNull()) return true;
        return number.isIntegralNumber()
                && number.canConvertToInt()
                && number.intValue() >= 1
                && number.intValue() <= max;
    }

    /**
     * The request as this endpoint wants it.
     *
     * @param request is not changed
     */
    static ObjectNode adapted(ObjectNode request, Operation operation, Endpoint endpoint, boolean stream) {
        ObjectNode adapted = request.deepCopy();
        adapted.put("model", endpoint.model());
        adapted.remove("stream");
        adapted.remove("stream_options");
        if (operation == Operation.EMBEDDINGS) return adapted;
        if (stream) adapted.put("stream", true).putObject("stream_options").put("include_usage", true);
        bound(adapted, endpoint);
        Endpoint.Dialect dialect = endpoint.dialect();
        if (!adapted.has("temperature")) {
            dialect.temperature().ifPresent(temperature -> adapted.put("temperature", temperature));
        }
        if (dialect.inputCharactersMax() > 0) shorten(adapted.path("messages"), dialect.inputCharactersMax());
        translateFormat(adapted, dialect);
        return adapted;
    }

    /** What costs money has a bound, because a budget must know it beforehand. */
    private static void bound(ObjectNode request, Endpoint endpoint) {
        JsonNode limit = limit(request);
        request.remove(LIMIT);
        request.remove(OLD_LIMIT);
        String field = endpoint.dialect().outputLimitField();
        if (limit.isNumber()) request.set(field, limit);
        else if (!endpoint.price().equals(Price.FREE)) {
            request.put(field, endpoint.limits().outputTokensMax());
        }
    }

    private static void shorten(JsonNode messages, int charactersMax) {
        for (JsonNode message : messages) {
            if (!message.path("role").asText().equals("user")) continue;
            JsonNode content = message.path("content");
            if (content.isTextual()) {
                ((ObjectNode) message).put("content", cutMiddle(content.textValue(), charactersMax));
            }
        }
    }

    private static void translateFormat(ObjectNode request, Endpoint.Dialect dialect) {
        JsonNode format = request.path("response_format");
        if (!format.path("type").asText().equals("json_schema")) return;
        JsonNode schema = format.at("/json_schema/schema");
        // What is malformed is the endpoint's to refuse.
        if (!schema.isObject() || !request.path("messages").isArray()) return;
        if (dialect.answerFormat() == AnswerFormat.JSON_SCHEMA) {
            if (dialect.stringCharactersMax() > 0) {
                ((ObjectNode) format.get("json_schema"))
                        .set("schema", SchemaBounds.of(schema, dialect.stringCharactersMax()));
            }
            return;
        }
        if (dialect.answerFormat() == AnswerFormat.TEXT) request.remove("response_format");
        else request.putObject("response_format").put("type", "json_object");
        String told = "Answer with one JSON value and nothing else, valid against this JSON Schema:\n" + schema;
        ArrayNode messages = request.withArray("messages");
        JsonNode first = messages.path(0);
        if (first.path("role").asText().equals("system")
                && first.path("content").isTextual()) {
            ((ObjectNode) first).put("content", first.get("content").textValue() + "\n\n" + told);
        } else {
            messages.insertObject(0).put("role", "system").put("content", told);
        }
    }

    /**
     * The text, or when it is longer than {@code charactersMax} its start and its end with a line between them that
     * says how much is missing.
     *
     * @param charactersMax 0 for no bound
     */
    static String cutMiddle(String text, int charactersMax) {
        if (charactersMax == 0 || text.length() <= charactersMax) return text;
        String notice = "\n[" + (text.length() - charactersMax) + " characters or more left out here]\n";
        int kept = Math.max(0, charactersMax - notice.length());
        int head = whole(text, (int) (kept * HEAD));
        int tail = whole(text, text.length() - (kept - head));
        return text.substring(0, head) + notice + text.substring(tail);
    }

    /** The index, or the next one where it would split a surrogate pair. */
    private static int whole(String text, int index) {
        boolean splits = index > 0 && index < text.length() && Character.isLowSurrogate(text.charAt(index));
        return splits ? index + 1 : index;
    }
}

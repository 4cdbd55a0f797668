package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The built-in model, called {@code offline}: no language model but classical text methods (keyword classification,
 * extractive summary, patterns), so that every workflow runs without network, key and cost. Speaks the OpenAI
 * chat-completions protocol.
 *
 * <p>Pure: the same request brings the same response. Answers with what the text says literally, or with null or an
 * empty string; it cannot reason, rephrase or translate.
 */
final class OfflineModel {
    static final String NAME = "sluice-offline";

    private static final int CHARACTERS_PER_TOKEN = 4;

    /** Answer when the request names no bound; far above what any answer here takes. */
    private static final int OUTPUT_TOKENS = 4096;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private OfflineModel() {}

    /**
     * @param status 200, or 400 when the request is malformed or its schema is not supported
     * @param body a chat completion, or an error in OpenAI's form
     */
    record Reply(int status, ObjectNode body) {}

    /** A request that cannot be answered; the message says why, for the one who wrote it. */
    static final class NotSupported extends RuntimeException {
        NotSupported(String message) {
            super(message, null, false, false);
        }
    }

    static Reply complete(JsonNode request) {
        try {
            String prompt = prompt(request);
            String system = text(request, "system");
            String content = content(request, Document.of(prompt, system));
            return new Reply(200, completion(request, prompt.length() + system.length(), content));
        } catch (NotSupported notSupported) {
            return new Reply(400, error(notSupported.getMessage()));
        }
    }

    /** The list of models, as {@code GET /models} answers it. */
    static ObjectNode models() {
        ObjectNode list = JSON.objectNode().put("object", "list");
        list.putArray("data").addObject().put("id", NAME).put("object", "model").put("owned_by", "sluice");
        return list;
    }

    static ObjectNode error(String message) {
        ObjectNode body = JSON.objectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", "invalid_request_error")
                .putNull("code");
        return body;
    }

    private static String prompt(JsonNode request) {
        if (!request.isObject()) throw new NotSupported("the request must be a JSON object");
        if (!request.path("messages").isArray()) throw new NotSupported("\"messages\" must be an array");
        if (request.path("stream").asBoolean(false)) throw new NotSupported("\"stream\" is not supported");
        String user = text(request, "user");
        if (user.isBlank()) throw new NotSupported("\"messages\" must hold a message of role \"user\" with text");
        return user;
    }

    /** Text of all messages of the role; a list of parts is joined. */
    private static String text(JsonNode request, String role) {
        StringBuilder joined = new StringBuilder();
        for (JsonNode message : request.path("messages")) {
            if (!message.path("role").asText("").equals(role)) continue;
            JsonNode content = message.path("content");
            if (content.isTextual()) joined.append(content.asText()).append('\n');
            content.forEach(part -> joined.append(part.path("text").asText("")).append('\n'));
        }
        return joined.toString();
    }

    private static String content(JsonNode request, Document document) {
        JsonNode format = request.path("response_format");
        return switch (format.path("type").asText("text")) {
            case "json_schema" -> {
                JsonNode schema = format.path("json_schema").path("schema");
                if (!schema.isObject())
                    throw new NotSupported("\"response_format.json_schema.schema\" must be an object");
                yield new SchemaFill(document, schema).value().toString();
            }
            case "text" -> Summary.of(document, Summary.SENTENCES);
            default -> throw new NotSupported("\"response_format.type\" must be \"json_schema\" or \"text\"");
        };
    }

    private static ObjectNode completion(JsonNode request, int promptLength, String content) {
        int tokensMax = outputTokensMax(request);
        int tokens = Math.ceilDiv(content.length(), CHARACTERS_PER_TOKEN);
        boolean cut = tokens > tokensMax;
        String said =
                cut ? content.substring(0, Math.min(content.length(), tokensMax * CHARACTERS_PER_TOKEN)) : content;
        ObjectNode body = JSON.objectNode();
        body.put("id", "chatcmpl-offline")
                .put("object", "chat.completion")
                .put("created", 0)
                .put("model", NAME);
        ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
        choice.putObject("message").put("role", "assistant").put("content", said);
        choice.put("finish_reason", cut ? "length" : "stop");
        int promptTokens = Math.ceilDiv(promptLength, CHARACTERS_PER_TOKEN);
        int outputTokens = Math.min(tokens, tokensMax);
        ObjectNode usage = body.putObject("usage").put("prompt_tokens", promptTokens);
        usage.put("completion_tokens", outputTokens).put("total_tokens", promptTokens + outputTokens);
        return body;
    }

    private static int outputTokensMax(JsonNode request) {
        JsonNode max = Optional.of(request.path("max_completion_tokens"))
                .filter(JsonNode::isNumber)
                .orElse(request.path("max_tokens"));
        if (!max.isNumber()) return OUTPUT_TOKENS;
        if (max.asInt() <= 0) throw new NotSupported("the bound of the answer must be above 0, is " + max);
        return Math.min(max.asInt(), OUTPUT_TOKENS);
    }
}

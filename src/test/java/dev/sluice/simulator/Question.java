package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A request, read.
 *
 * @param hash of what is asked: the body in an order of its own, without the model's name and without how the answer is
 *     to be delivered. 16 hexadecimal digits
 * @param inputTokens four characters each, of messages, tools and inputs
 */
record Question(JsonNode body, String hash, long inputTokens) {
    private static final int CHARACTERS_PER_TOKEN = 4;

    /** As OpenAI counts an image of low detail. */
    private static final int TOKENS_PER_IMAGE = 85;

    private static final int HASH_BYTES = 8;
    private static final List<String> NOT_ASKED = List.of("model", "stream", "stream_options");

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** @throws IOException when it is not a JSON object */
    static Question read(Buffer text) throws IOException {
        if (!(JSON.readTree(text.getBytes()) instanceof ObjectNode body)) throw new IOException("not a JSON object");
        return new Question(body, hash(body), Math.max(1, inputTokens(body)));
    }

    private static String hash(ObjectNode body) throws IOException {
        ObjectNode asked = body.deepCopy().remove(NOT_ASKED);
        byte[] ordered = JSON.writeValueAsBytes(JSON.convertValue(asked, Map.class));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(ordered);
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    private static long inputTokens(JsonNode body) {
        long characters =
                body.path("tools").isEmpty() ? 0 : body.path("tools").toString().length();
        long images = 0;
        for (JsonNode message : body.path("messages")) {
            JsonNode content = message.path("content");
            if (content.isTextual()) characters += content.asText().length();
            for (JsonNode part : content) {
                characters += part.path("text").asText("").length();
                if (part.has("image_url")) images++;
            }
        }
        for (String text : inputs(body.path("input"))) characters += text.length();
        return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
    }

    /** What is to be embedded; a list of token numbers is a text of them. */
    List<String> inputs() {
        return inputs(body.path("input"));
    }

    private static List<String> inputs(JsonNode input) {
        if (input.isMissingNode()) return List.of();
        if (!input.isArray() || input.path(0).isNumber())
            return List.of(input.isTextual() ? input.asText() : input.toString());
        var texts = new java.util.ArrayList<String>();
        input.forEach(each -> texts.add(each.isTextual() ? each.asText() : each.toString()));
        return texts;
    }

    static long tokens(String text) {
        return Math.ceilDiv(text.length(), CHARACTERS_PER_TOKEN);
    }

    static String cut(String text, long tokens) {
        return text.substring(0, (int) Math.min(text.length(), tokens * CHARACTERS_PER_TOKEN));
    }

    String model() {
        return body.path("model").asText("");
    }

    boolean isStreamed() {
        return body.path("stream").asBoolean();
    }

    boolean wantsUsage() {
        return body.at("/stream_options/include_usage").asBoolean();
    }

    /** Tokens of the answer, at most; 0: no bound. */
    long outputMax() {
        return body.path("max_completion_tokens").asLong(body.path("max_tokens").asLong(0));
    }

    /** Missing when no schema was asked for. */
    JsonNode schema() {
        return body.at("/response_format/json_schema/schema");
    }

    String schemaName() {
        return body.at("/response_format/json_schema/name").asText("");
    }

    boolean wantsJson() {
        return body.path("response_format").path("type").asText("").startsWith("json");
    }
}

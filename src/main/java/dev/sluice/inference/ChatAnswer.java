package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** Reads a chat completion: what it used, whether it is whole, and the JSON value in it. */
final class ChatAnswer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Four: the usual rule of thumb for English text with the tokenizers of today. */
    private static final int CHARACTERS_PER_TOKEN = 4;

    private ChatAnswer() {}

    /** The body as a tree; empty when it is no JSON object. */
    static Optional<JsonNode> parse(String body) {
        return read(body).filter(JsonNode::isObject);
    }

    /** As the endpoint counted, else estimated at four characters a token of request and answer. */
    static Tokens tokens(JsonNode completion, JsonNode request) {
        JsonNode usage = completion.path("usage");
        long input = usage.path("prompt_tokens").asLong(-1);
        long output = usage.path("completion_tokens").asLong(-1);
        if (input < 0) input = estimate(request.path("messages").toString());
        if (output < 0) output = estimate(content(completion));
        long cached = usage.at("/prompt_tokens_details/cached_tokens").asLong(0);
        return new Tokens(input, Math.clamp(cached, 0, input), output);
    }

    private static long estimate(String text) {
        return Math.ceilDiv(text.length(), CHARACTERS_PER_TOKEN);
    }

    /** Why the response is no answer of the protocol; empty when it is one. */
    static Optional<String> incomplete(JsonNode body, Operation operation) {
        String member = operation == Operation.CHAT ? "choices" : "data";
        return body.path(member).size() > 0 ? Optional.empty() : Optional.of("it has no " + member);
    }

    /** Whether the endpoint's content filter took the answer. */
    static boolean isFiltered(JsonNode completion) {
        return completion.at("/choices/0/finish_reason").asText("").equals("content_filter")
                && content(completion).isBlank();
    }

    /** Why the answer cannot be used although it arrived; empty when it is whole. */
    static Optional<String> flaw(JsonNode completion) {
        JsonNode choice = completion.path("choices").path(0);
        String refusal = choice.path("message").path("refusal").asText("");
        if (!refusal.isEmpty()) return Optional.of("the model refused: " + EndpointFailure.shortened(refusal));
        String finish = choice.path("finish_reason").asText("");
        if (finish.equals("length")) return Optional.of("the answer was cut off at its token limit");
        if (finish.equals("content_filter")) return Optional.of("the endpoint's content filter stopped the answer");
        if (content(completion).isBlank()) return Optional.of("the answer is empty");
        return Optional.empty();
    }

    /** Text of the first choice; a list of parts is joined. */
    static String content(JsonNode completion) {
        JsonNode content = completion.path("choices").path(0).path("message").path("content");
        if (!content.isArray()) return content.asText("");
        StringBuilder joined = new StringBuilder();
        content.forEach(part -> joined.append(part.path("text").asText("")));
        return joined.toString();
    }

    private static Optional<JsonNode> read(String text) {
        try {
            return Optional.ofNullable(JSON.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }
}

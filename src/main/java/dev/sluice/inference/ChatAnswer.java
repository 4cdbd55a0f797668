package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;

/** Reads a chat completion: what it used, whether it is whole, and the JSON value in it. */
final class ChatAnswer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Four: the usual rule of thumb for English text with the tokenizers of today. */
    private static final int CHARACTERS_PER_TOKEN = 4;

    /** 1,000 million: an endpoint that counts more has a defect, and no sum of a day may be lost by it. */
    private static final long TOKENS_MAX = 1_000_000_000;

    /** Members of a message that are paid for as its content is. */
    private static final List<String> THOUGHTS = List.of("refusal", "reasoning", "reasoning_content");

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
        if (input < 0) input = TokenEstimate.likely(request);
        if (output < 0) output = estimate(completion.path("choices"));
        long cached = usage.at("/prompt_tokens_details/cached_tokens").asLong(0);
        input = Math.min(input, TOKENS_MAX);
        return new Tokens(input, Math.clamp(cached, 0, input), Math.min(output, TOKENS_MAX));
    }

    /** Of all answers, with what they think and what they call. */
    private static long estimate(JsonNode choices) {
        long characters = 0;
        for (JsonNode choice : choices) {
            JsonNode message = choice.path("message");
            characters += text(message).length();
            for (String member : THOUGHTS)
                characters += message.path(member).asText("").length();
            JsonNode calls = message.path("tool_calls");
            if (!calls.isEmpty()) characters += calls.toString().length();
        }
        return Math.ceilDiv(characters, CHARACTERS_PER_TOKEN);
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
        return text(completion.path("choices").path(0).path("message"));
    }

    private static String text(JsonNode message) {
        JsonNode content = message.path("content");
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

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What is asked and answered, in the form that the semantic conventions give {@code gen_ai.input.messages} and
 * {@code gen_ai.output.messages}. Without images and sounds, and cut, because collectors refuse large spans.
 */
final class SpanContent {
    /** 50 messages, the last ones: earlier ones were in earlier spans. */
    private static final int MESSAGES_MAX = 50;

    /** 4,000 characters of each text: enough to see what it is about. */
    private static final int CHARACTERS_MAX = 4_000;

    private SpanContent() {}

    /** @return JSON text; "" when the request has no messages */
    static String input(JsonNode request) {
        JsonNode messages = request.path("messages");
        if (messages.isEmpty()) return "";
        ArrayNode told = JsonNodeFactory.instance.arrayNode();
        for (int i = Math.max(0, messages.size() - MESSAGES_MAX); i < messages.size(); i++) {
            told.add(message(messages.get(i)));
        }
        return told.toString();
    }

    /** @return JSON text; "" when the response has no choices */
    static String output(JsonNode response) {
        if (response.path("choices").isEmpty()) return "";
        ArrayNode told = JsonNodeFactory.instance.arrayNode();
        for (JsonNode choice : response.path("choices")) {
            if (told.size() == MESSAGES_MAX) break;
            ObjectNode message = message(choice.path("message"));
            told.add(message.put("finish_reason", choice.path("finish_reason").asText("")));
        }
        return told.toString();
    }

    private static ObjectNode message(JsonNode message) {
        String role = message.path("role").asText("assistant");
        ObjectNode told = JsonNodeFactory.instance.objectNode().put("role", role);
        ArrayNode parts = told.putArray("parts");
        JsonNode content = message.path("content");
        if (role.equals("tool")) {
            parts.addObject()
                    .put("type", "tool_call_response")
                    .put("id", message.path("tool_call_id").asText(""))
                    .put("result", cut(content.isTextual() ? content.textValue() : content.toString()));
            return told;
        }
        if (content.isTextual()) parts.addObject().put("type", "text").put("content", cut(content.textValue()));
        for (JsonNode part : content) part(parts, part);
        for (JsonNode call : message.path("tool_calls")) {
            parts.addObject()
                    .put("type", "tool_call")
                    .put("id", call.path("id").asText(""))
                    .put("name", call.at("/function/name").asText(""))
                    .put("arguments", cut(call.at("/function/arguments").asText("")));
        }
        return told;
    }

    private static void part(ArrayNode parts, JsonNode part) {
        String type = part.path("type").asText("");
        switch (type) {
            case "text" ->
                parts.addObject()
                        .put("type", "text")
                        .put("content", cut(part.path("text").asText("")));
            case "image_url" -> parts.addObject().put("type", "blob").put("modality", "image");
            case "input_audio" -> parts.addObject().put("type", "blob").put("modality", "audio");
            default -> parts.addObject().put("type", type);
        }
    }

    private static String cut(String text) {
        return ChatRequest.cutMiddle(text, CHARACTERS_MAX);
    }
}

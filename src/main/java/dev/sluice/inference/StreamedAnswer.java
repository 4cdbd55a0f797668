package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A chat completion in chunks: puts them together, and takes one apart. */
final class StreamedAnswer {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** One of several answers. */
    private static final class Choice {
        private final StringBuilder content = new StringBuilder();
        private final StringBuilder refusal = new StringBuilder();
        private final StringBuilder reasoning = new StringBuilder();
        private final TreeMap<Integer, ToolCall> calls = new TreeMap<>();
        private JsonNode finish = JSON.nullNode();
        private String role = "assistant";
    }

    private static final class ToolCall {
        private String id = "";
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();
    }

    private final TreeMap<Integer, Choice> choices = new TreeMap<>();
    private final ObjectNode head = JSON.objectNode();
    private JsonNode usage = JSON.missingNode();

    /** @param chunk {@code chat.completion.chunk} */
    void add(JsonNode chunk) {
        if (head.isEmpty()) {
            head.put("id", chunk.path("id").asText("")).put("object", "chat.completion");
            head.put("created", chunk.path("created").asLong(0))
                    .put("model", chunk.path("model").asText(""));
        }
        if (chunk.path("usage").isObject()) usage = chunk.get("usage");
        for (JsonNode part : chunk.path("choices")) {
            Choice choice = choices.computeIfAbsent(part.path("index").asInt(0), index -> new Choice());
            JsonNode delta = part.path("delta");
            choice.role = delta.path("role").asText(choice.role);
            append(choice.content, delta.path("content"));
            append(choice.refusal, delta.path("refusal"));
            append(choice.reasoning, delta.path("reasoning_content"));
            delta.path("tool_calls").forEach(call -> addCall(choice, call));
            if (part.path("finish_reason").isTextual()) choice.finish = part.get("finish_reason");
        }
    }

    private static void append(StringBuilder text, JsonNode part) {
        if (part.isTextual()) text.append(part.textValue());
    }

    private static void addCall(Choice choice, JsonNode part) {
        ToolCall call = choice.calls.computeIfAbsent(part.path("index").asInt(0), index -> new ToolCall());
        if (part.path("id").isTextual()) call.id = part.get("id").textValue();
        if (part.at("/function/name").isTextual()) {
            call.name = part.at("/function/name").textValue();
        }
        append(call.arguments, part.at("/function/arguments"));
    }

    /** Whether every answer has come to its end. */
    boolean isWhole() {
        return !choices.isEmpty() && choices.values().stream().noneMatch(choice -> choice.finish.isNull());
    }

    /** As it would have come without a stream. */
    ObjectNode whole() {
        ObjectNode body = head.deepCopy();
        ArrayNode all = body.putArray("choices");
        choices.forEach((index, choice) -> {
            ObjectNode one = all.addObject().put("index", index);
            ObjectNode message = one.putObject("message").put("role", choice.role);
            if (choice.content.isEmpty() && !choice.calls.isEmpty()) message.putNull("content");
            else message.put("content", choice.content.toString());
            if (!choice.refusal.isEmpty()) message.put("refusal", choice.refusal.toString());
            if (!choice.reasoning.isEmpty()) message.put("reasoning_content", choice.reasoning.toString());
            if (!choice.calls.isEmpty()) {
                ArrayNode calls = message.putArray("tool_calls");
                choice.calls
                        .values()
                        .forEach(call -> calls.addObject()
                                .put("id", call.id)
                                .put("type", "function")
                                .putObject("function")
                                .put("name", call.name)
                                .put("arguments", call.arguments.toString()));
            }
            one.set("finish_reason", choice.finish);
        });
        if (usage.isObject()) body.set("usage", usage);
        return body;
    }

    /** The chunks that give {@code whole} when they are put together. */
    static List<ObjectNode> chunks(JsonNode whole) {
        var chunks = new ArrayList<ObjectNode>();
        for (JsonNode choice : whole.path("choices")) {
            ObjectNode delta = JSON.objectNode();
            if (choice.get("message") instanceof ObjectNode message) delta.setAll(message.deepCopy());
            int number = 0;
            for (JsonNode call : delta.path("tool_calls")) ((ObjectNode) call).put("index", number++);
            chunks.add(chunk(whole, choice.path("index").asInt(0), delta, JSON.nullNode()));
            chunks.add(chunk(whole, choice.path("index").asInt(0), JSON.objectNode(), choice.path("finish_reason")));
        }
        if (whole.path("usage").isObject()) {
            ObjectNode last = head(whole);
            last.putArray("choices");
            last.set("usage", whole.get("usage"));
            chunks.add(last);
        }
        return chunks;
    }

    private static ObjectNode chunk(JsonNode whole, int index, ObjectNode delta, JsonNode finish) {
        ObjectNode chunk = head(whole);
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
        choice.set("delta", delta);
        choice.set("finish_reason", finish);
        return chunk;
    }

    private static ObjectNode head(JsonNode whole) {
        ObjectNode chunk = JSON.objectNode();
        chunk.put("id", whole.path("id").asText("")).put("object", "chat.completion.chunk");
        return chunk.put("created", whole.path("created").asLong(0))
                .put("model", whole.path("model").asText(""));
    }
}

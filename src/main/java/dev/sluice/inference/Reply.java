package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Usage;
import java.util.List;

/**
 * The answer to a {@link Chat}.
 *
 * @param completion {@code chat.completion} as the endpoint gave it
 * @param usage nothing when an earlier attempt of the step has bought the answer
 */
public record Reply(JsonNode completion, Usage usage, String endpoint, String model) {
    /** What the model said: {@code content}, {@code tool_calls}. */
    public JsonNode message() {
        return completion.path("choices").path(0).path("message");
    }

    /** Its text, or why it refused to answer; "" when it has but called tools. */
    public String text() {
        String content = ChatAnswer.content(completion);
        return content.isEmpty() ? message().path("refusal").asText("") : content;
    }

    /** {@code stop}, {@code length}, {@code tool_calls}, {@code content_filter}; "" when the endpoint did not say. */
    public String finishReason() {
        return completion.path("choices").path(0).path("finish_reason").asText("");
    }

    /**
     * The message as the next request repeats it: without what endpoints add to it and do not take back.
     *
     * @param calls of this reply
     */
    public ObjectNode repeated(List<ToolCall> calls) {
        ObjectNode message = JsonNodeFactory.instance.objectNode().put("role", "assistant");
        if (calls.isEmpty() || !text().isEmpty()) message.put("content", text());
        else message.putNull("content");
        if (calls.isEmpty()) return message;
        var said = message.putArray("tool_calls");
        calls.forEach(call -> said.add(call.said()));
        return message;
    }
}

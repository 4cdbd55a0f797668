package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Usage;

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
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tool that a model wants to have called.
 *
 * @param id names the call to the model, when it is told the result; no two of a message have the same
 * @param arguments an object, without members when {@code problem} says that there are none to be had
 * @param problem why it cannot be carried out, worded for the model; "" when it can
 */
public record ToolCall(String id, String name, JsonNode arguments, String problem) {
    /**
     * Reads what the model wants. Arguments that are not quite JSON are repaired like any answer, {@link JsonRepair};
     * those of an answer that was cut off are taken only when they are whole.
     *
     * @param tools that the model was given, without a {@link Tool#mistake}
     */
    public static List<ToolCall> of(Reply reply, List<Tool> tools) {
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        tools.forEach(tool -> parameters.put(tool.name(), tool.parameters()));
        boolean cut = reply.finishReason().equals("length");
        var calls = new ArrayList<ToolCall>();
        Set<String> ids = new HashSet<>();
        for (JsonNode said : reply.message().path("tool_calls")) {
            String id = said.path("id").asText("");
            if (id.isEmpty() || !ids.add(id)) ids.add(id = "call_" + (calls.size() + 1));
            calls.add(read(id, said.path("function"), parameters, cut));
        }
        return List.copyOf(calls);
    }

    private static ToolCall read(String id, JsonNode said, Map<String, JsonNode> tools, boolean cut) {
        String name = said.path("name").asText("");
        JsonNode schema = tools.get(name);
        if (schema == null) {
            return refused(id, name, "there is no tool '" + name + "'; there are " + String.join(", ", tools.keySet()));
        }
        Optional<JsonNode> arguments = arguments(said.path("arguments"), schema, cut);
        if (arguments.isEmpty()) {
            return refused(id, name, "the arguments are " + (cut ? "cut off" : "no JSON object") + "; call it again");
        }
        String flaw = AnswerSchema.flaw(schema, arguments.get())
                .map(where -> "the arguments do not match the tool's parameters: " + where + "; call it again")
                .orElse("");
        return new ToolCall(id, name, arguments.get(), flaw);
    }

    private static ToolCall refused(String id, String name, String why) {
        return new ToolCall(id, name, JsonNodeFactory.instance.objectNode(), why);
    }

    /** Some servers send an object in place of a text, and nothing for a tool without parameters. */
    private static Optional<JsonNode> arguments(JsonNode said, JsonNode schema, boolean cut) {
        if (said.isObject()) return Optional.of(said);
        String text = said.asText("").strip();
        if (text.isEmpty()) return Optional.of(JsonNodeFactory.instance.objectNode());
        Optional<JsonNode> value = cut
                ? ChatAnswer.parse(text)
                : JsonRepair.value(
                        text,
                        read -> read.isObject()
                                && AnswerSchema.flaw(schema, read).isEmpty());
        return value.filter(JsonNode::isObject);
    }

    /** In the words of the protocol, with arguments that every endpoint can read. */
    ObjectNode said() {
        ObjectNode said = JsonNodeFactory.instance.objectNode().put("id", id).put("type", "function");
        said.putObject("function").put("name", name).put("arguments", arguments.toString());
        return said;
    }
}

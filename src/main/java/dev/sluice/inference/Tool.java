package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A tool that a model may have called: whoever asked carries the call out.
 *
 * @param name letters, digits, {@code _} and {@code -}, at most 64: what all endpoints take
 * @param description what it does and when it is of use, for the model; may be empty
 * @param parameters JSON Schema of its arguments, of type object
 * @param strict the endpoint is to enforce the schema, which then must require all members and allow no others
 */
public record Tool(String name, String description, JsonNode parameters, boolean strict) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public Tool {
        Objects.requireNonNull(name);
        Objects.requireNonNull(description);
        Objects.requireNonNull(parameters);
    }

    /**
     * Declares a function of Sluice, such as a {@code @Funq} method, as a tool, in the form that {@code ask} takes:
     * with the schema of the record that the method takes.
     *
     * @param function its name
     * @param description what it does and when it is of use, for the model
     */
    public static ObjectNode declaration(String function, String description, AnswerType<?> parameters) {
        ObjectNode declaration = JsonNodeFactory.instance.objectNode();
        declaration.put("function", function).put("description", description);
        declaration.set("parameters", parameters.schema());
        return declaration;
    }

    /** Why it cannot be given to a model, told before anything is paid; empty when it can. */
    public Optional<String> mistake() {
        if (!NAME.matcher(name).matches()) {
            return Optional.of("its name must be 1 to 64 letters, digits, '_' or '-'; give it another one by 'name'");
        }
        Optional<String> wrong = AnswerSchema.mistake(parameters);
        if (wrong.isPresent()) return wrong.map(why -> "its parameters are no JSON Schema: " + why);
        boolean isObject = parameters.path("type").asText().equals("object");
        return isObject ? Optional.empty() : Optional.of("its parameters must be a schema of type object");
    }

    /** In the words of the protocol. */
    public ObjectNode toJson() {
        ObjectNode tool = JsonNodeFactory.instance.objectNode().put("type", "function");
        ObjectNode function = tool.putObject("function").put("name", name);
        if (!description.isEmpty()) function.put("description", description);
        function.set("parameters", parameters);
        if (strict) function.put("strict", true);
        return tool;
    }
}

package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Makes the JSON Schema of what {@code call: openapi} takes as {@code parameters} of one operation: each parameter by
 * its name, and the members of the body beside them, see {@link ApiRequest}. A body that is no plain object, or has a
 * member that is called like a parameter, is the member {@code body}.
 */
final class ToolSchema {
    /** Ten, as {@link ApiRequest} follows schemas; below that, and in a circle, everything is allowed. */
    private static final int DEPTH_MAX = 10;

    /** 32 KiB: a tool's schema is sent, and paid for, with every request of a conversation. */
    private static final int CHARACTERS_MAX = 32 << 10;

    /**
     * Taken over as they are; what a JSON Schema does not know, such as {@code xml} and {@code example}, is left out.
     */
    private static final Set<String> PLAIN = Set.of(
            "type",
            "format",
            "description",
            "enum",
            "const",
            "default",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "maxProperties",
            "required");

    private static final Set<String> INNER = Set.of("items", "additionalProperties", "not");
    private static final Set<String> CHOICES = Set.of("oneOf", "anyOf", "allOf");

    /** Headers that OpenAPI says are no parameters, and that are not for a model to choose. */
    private static final Set<String> NOT_ASKED = Set.of("accept", "content-type", "authorization");

    private final ApiDocument document;
    private final ApiDocument.Operation operation;
    private final Deque<JsonNode> around = new ArrayDeque<>();
    private final ObjectNode properties = JsonNodeFactory.instance.objectNode();
    private final Set<String> required = new LinkedHashSet<>();

    private ToolSchema(ApiDocument document, ApiDocument.Operation operation) {
        this.document = document;
        this.operation = operation;
    }

    /**
     * @throws dev.sluice.workflow.ProblemException SL4018 when a file must be uploaded, the schema would be larger than
     *     32 KiB, or the document cannot be followed
     */
    static ObjectNode of(ApiDocument document, ApiDocument.Operation operation) {
        return new ToolSchema(document, operation).make();
    }

    private ObjectNode make() {
        for (JsonNode parameter : operation.parameters()) add(parameter);
        ApiRequest.body(document, operation).ifPresent(this::add);
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        schema.set("properties", properties);
        var names = schema.putArray("required");
        required.forEach(names::add);
        schema.put("additionalProperties", false);
        int characters = schema.toString().length();
        if (characters <= CHARACTERS_MAX) return schema;
        throw CallFailure.document("as a tool, the operation '" + operation.id() + "' has a schema of " + characters
                + " characters, above " + CHARACTERS_MAX + "; declare a tool of your own with fewer parameters");
    }

    private void add(JsonNode parameter) {
        String in = parameter.path("in").asText();
        String name = parameter.path("name").asText();
        if (in.equals("body") || in.equals("header") && NOT_ASKED.contains(name.toLowerCase(java.util.Locale.ROOT))) {
            return;
        }
        boolean isRequired = ApiRequest.isRequired(parameter);
        if (parameter.path("type").asText().equals("file")) {
            if (!isRequired) return;
            throw CallFailure.document("its parameter '" + name + "' is an upload of a file, which is not supported");
        }
        ObjectNode schema = converted(schemaOf(parameter));
        if (parameter.path("description").isTextual()) schema.set("description", parameter.get("description"));
        if (isRequired && !schema.has("default")) required.add(name);
        properties.set(name, schema);
    }

    private JsonNode schemaOf(JsonNode parameter) {
        if (!document.swagger2()) {
            JsonNode content = parameter.path("content");
            return parameter.has("schema") || content.isEmpty()
                    ? parameter.path("schema")
                    : content.iterator().next().path("schema");
        }
        // Its own 'required' says whether it must be there, and is no list.
        ObjectNode schema = parameter.deepCopy();
        schema.remove("required");
        return schema;
    }

    private void add(ApiRequest.Body body) {
        ObjectNode schema = converted(body.schema());
        JsonNode members = schema.path("properties");
        JsonNode more = schema.path("additionalProperties");
        boolean isOpen = more.isObject() || more.asBoolean(false);
        boolean isApart = CHOICES.stream().noneMatch(schema::has)
                && members.propertyStream().noneMatch(member -> properties.has(member.getKey()));
        if (members.isEmpty() || isOpen || !isApart) {
            if (body.required()) required.add("body");
            properties.set("body", schema);
            return;
        }
        properties.setAll((ObjectNode) members);
        if (body.required()) schema.path("required").forEach(name -> required.add(name.asText()));
    }

    /** In JSON Schema 2020-12, with every reference in its place. */
    private ObjectNode converted(JsonNode schema) {
        ObjectNode made = JsonNodeFactory.instance.objectNode();
        JsonNode resolved = document.resolve(schema);
        boolean circle = around.stream().anyMatch(other -> other == resolved);
        if (!resolved.isObject() || circle || around.size() >= DEPTH_MAX) return made;
        around.push(resolved);
        for (Map.Entry<String, JsonNode> member : resolved.properties()) {
            convert(member.getKey(), member.getValue(), made);
        }
        around.pop();
        modernise(resolved, made);
        return made;
    }

    private void convert(String keyword, JsonNode value, ObjectNode made) {
        if (PLAIN.contains(keyword)) made.set(keyword, value);
        if (INNER.contains(keyword)) made.set(keyword, value.isBoolean() ? value : converted(value));
        if (CHOICES.contains(keyword)) {
            var choices = made.putArray(keyword);
            value.forEach(choice -> choices.add(converted(choice)));
        }
        if (keyword.equals("pattern") && compiles(value.asText())) made.set(keyword, value);
        if (keyword.equals("properties")) {
            ObjectNode members = made.putObject(keyword);
            for (Map.Entry<String, JsonNode> member : value.properties()) {
                boolean given =
                        !document.resolve(member.getValue()).path("readOnly").asBoolean();
                if (given) members.set(member.getKey(), converted(member.getValue()));
            }
        }
    }

    /** OpenAPI documents are written for other dialects of patterns; one that Java does not know bounds nothing. */
    private static boolean compiles(String pattern) {
        try {
            Pattern.compile(pattern);
            return true;
        } catch (PatternSyntaxException unknown) {
            return false;
        }
    }

    /** What OpenAPI 3.0 and Swagger say in words of their own; and members that only answers have are not required. */
    private static void modernise(JsonNode said, ObjectNode made) {
        if (said.path("nullable").asBoolean() && made.path("type").isTextual()) {
            made.putArray("type").add(said.get("type")).add("null");
            if (made.path("enum") instanceof com.fasterxml.jackson.databind.node.ArrayNode values) {
                made.set("enum", values.deepCopy().addNull());
            }
        }
        for (String bound : new String[] {"Minimum", "Maximum"}) {
            JsonNode exclusive = said.path("exclusive" + bound);
            if (!exclusive.isBoolean()) continue;
            JsonNode value = made.remove(bound.toLowerCase(java.util.Locale.ROOT));
            made.remove("exclusive" + bound);
            if (value == null) continue;
            made.set(exclusive.asBoolean() ? "exclusive" + bound : bound.toLowerCase(java.util.Locale.ROOT), value);
        }
        if (!said.path("required").isArray()) made.remove("required");
        else if (made.has("properties")) {
            var names = made.putArray("required");
            for (JsonNode name : said.path("required")) {
                boolean dropped = said.path("properties").has(name.asText())
                        && !made.path("properties").has(name.asText());
                if (!dropped) names.add(name);
            }
        }
    }
}

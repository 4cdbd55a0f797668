package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;

/** The value that a model might give for a JSON Schema: every member, a sentence of text, three items of a list. */
final class SchemaValues {
    /** 15 tokens. */
    static final String SENTENCE = "It says what was delivered, to whom, and when to pay it.";

    private static final int ITEMS = 3;

    /** A schema that contains itself ends here. */
    private static final int DEPTH_MAX = 12;

    /** Tried for a pattern, in this order; what matches none of them gets the first. */
    private static final List<String> CANDIDATES = List.of(
            "2026-03-01", "EUR", "invoice", "4711", "A-4711", "a@example.org", "https://example.org/", "a", "A");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final JsonNode root;

    private SchemaValues(JsonNode root) {
        this.root = root;
    }

    static JsonNode of(JsonNode schema) {
        return new SchemaValues(schema).value(schema, 0);
    }

    private JsonNode value(JsonNode schema, int depth) {
        if (depth > DEPTH_MAX) return JSON.nullNode();
        if (schema.has("$ref")) return value(referred(schema.path("$ref").asText()), depth + 1);
        if (schema.has("const")) return schema.get("const");
        if (!schema.path("enum").isEmpty()) return schema.get("enum").get(0);
        for (String choice : List.of("anyOf", "oneOf", "allOf")) {
            if (!schema.path(choice).isEmpty() && !schema.has("properties")) {
                return value(schema.get(choice).get(0), depth + 1);
            }
        }
        return switch (type(schema)) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "number", "integer" -> number(schema);
            case "boolean" -> JSON.booleanNode(true);
            case "null" -> JSON.nullNode();
            default -> JSON.textNode(text(schema));
        };
    }

    private JsonNode referred(String reference) {
        return reference.startsWith("#") ? root.at(reference.substring(1)) : JSON.objectNode();
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray()) return type.path(0).asText();
        if (type.isTextual()) return type.asText();
        return schema.has("properties") ? "object" : schema.has("items") ? "array" : "string";
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = JSON.objectNode();
        schema.path("properties").properties().forEach(p -> object.set(p.getKey(), value(p.getValue(), depth + 1)));
        return object;
    }

    private ArrayNode array(JsonNode schema, int depth) {
        int count = Math.clamp(
                ITEMS, schema.path("minItems").asInt(0), schema.path("maxItems").asInt(Integer.MAX_VALUE));
        ArrayNode array = JSON.arrayNode();
        for (int i = 0; i < count; i++) array.add(value(schema.path("items"), depth + 1));
        return array;
    }

    private static JsonNode number(JsonNode schema) {
        if (schema.has("maximum")) return schema.get("maximum");
        return JSON.numberNode(Math.max(
                1, schema.path("minimum").asLong(schema.path("exclusiveMinimum").asLong(0) + 1)));
    }

    private static String text(JsonNode schema) {
        if (schema.has("pattern"))
            return matching(Pattern.compile(schema.path("pattern").asText()));
        String text =
                switch (schema.path("format").asText()) {
                    case "date" -> "2026-03-01";
                    case "date-time" -> "2026-03-01T12:00:00Z";
                    case "time" -> "12:00:00Z";
                    case "email" -> "a@example.org";
                    case "uri" -> "https://example.org/";
                    case "uuid" -> "01890a5d-ac96-774b-bcce-b302099a8057";
                    // What may be missing is a field of a document more often than prose.
                    default -> schema.path("type").isArray() ? "2026-03-01" : SENTENCE;
                };
        int least = schema.path("minLength").asInt(0);
        if (text.length() < least) text = text.repeat(Math.ceilDiv(least, text.length()));
        return text.substring(
                0, Math.min(text.length(), schema.path("maxLength").asInt(Integer.MAX_VALUE)));
    }

    private static String matching(Pattern pattern) {
        return CANDIDATES.stream()
                .filter(candidate -> pattern.matcher(candidate).find())
                .findFirst()
                .orElse(CANDIDATES.getFirst());
    }
}

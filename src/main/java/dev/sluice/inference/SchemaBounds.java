package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Puts upper bounds where a schema has none. A small model whose answer a grammar constrains can otherwise go on inside
 * one string until its tokens are used up.
 */
final class SchemaBounds {
    /** Five: a small model repeats itself after that. */
    private static final int ITEMS_MAX = 5;

    private SchemaBounds() {}

    /**
     * @return a copy in which every string has at most {@code charactersMax} characters and every array
     *     {@value #ITEMS_MAX} items
     */
    static JsonNode of(JsonNode schema, int charactersMax) {
        JsonNode copy = schema.deepCopy();
        bound(copy, charactersMax);
        return copy;
    }

    private static void bound(JsonNode node, int charactersMax) {
        if (node instanceof ObjectNode schema) {
            if (allows(schema, "string") && !schema.has("enum") && !schema.has("maxLength")) {
                schema.put("maxLength", charactersMax);
            }
            if (allows(schema, "array") && !schema.has("maxItems")) schema.put("maxItems", ITEMS_MAX);
            schema.forEach(member -> bound(member, charactersMax));
        } else if (node instanceof ArrayNode) {
            node.forEach(item -> bound(item, charactersMax));
        }
    }

    private static boolean allows(ObjectNode schema, String type) {
        JsonNode types = schema.path("type");
        if (types.isTextual()) return types.textValue().equals(type);
        for (JsonNode one : types) {
            if (type.equals(one.textValue())) return true;
        }
        return false;
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Puts upper bounds where a schema has none. A small model whose answer a grammar constrains can otherwise go on inside
 * one string until its tokens are used up.
 */
final class SchemaBounds {
    /** Five: a small model repeats itself after that. */
    private static final int ITEMS_MAX = 5;

    /** 20: a string that must be there says something; the shortest answer that passes is otherwise often a bracket. */
    private static final int CHARACTERS_MIN = 20;

    private SchemaBounds() {}

    /**
     * @return a copy in which every string has at most {@code charactersMax} characters and every array
     *     {@value #ITEMS_MAX} items
     */
    static JsonNode of(JsonNode schema, int charactersMax) {
        JsonNode copy = schema.deepCopy();
        bound(copy, charactersMax);
        copy.findValues("properties").forEach(members -> members.forEach(member -> fill(member, charactersMax)));
        return copy;
    }

    private static void bound(JsonNode node, int charactersMax) {
        if (node instanceof ObjectNode schema) {
            if (isFreeText(schema) && !schema.has("maxLength")) schema.put("maxLength", charactersMax);
            if (allows(schema, "array") && !schema.has("maxItems")) schema.put("maxItems", ITEMS_MAX);
        }
        node.forEach(member -> bound(member, charactersMax));
    }

    private static void fill(JsonNode member, int charactersMax) {
        if (member instanceof ObjectNode schema && isFreeText(schema) && !allows(schema, "null")) {
            schema.put(
                    "minLength",
                    Math.min(CHARACTERS_MIN, schema.path("maxLength").asInt(charactersMax)));
        }
    }

    private static boolean isFreeText(ObjectNode schema) {
        return allows(schema, "string") && !schema.has("enum") && !schema.has("format") && !schema.has("pattern");
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

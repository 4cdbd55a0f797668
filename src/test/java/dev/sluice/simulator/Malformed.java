package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The ways in which models miss a JSON schema. The first three can be mended without asking again. */
public enum Malformed {
    FENCE,
    PROSE,
    TRAILING_COMMA,
    TRUNCATED,
    WRONG_TYPE,
    /** One of those above, by chance. */
    ANY;

    private static final int KINDS = 5;

    Malformed one(Chance chance) {
        return this == ANY ? values()[chance.pick("malformed kind", KINDS)] : this;
    }

    /** @param valid an object or an array, else only a fence, prose or another type makes it malformed */
    String spoil(JsonNode valid) {
        String text = valid.toString();
        return switch (valid.isContainerNode() || this == FENCE ? this : PROSE) {
            case FENCE -> "```json\n" + text + "\n```";
            case PROSE -> "Here is what you asked for:\n\n" + text + "\n\nDo you want me to do more?";
            case TRAILING_COMMA -> text.substring(0, text.length() - 1) + "," + text.charAt(text.length() - 1);
            case TRUNCATED -> text.substring(0, text.length() / 2);
            case WRONG_TYPE, ANY -> wrongType(valid).toString();
        };
    }

    /** The value in a list; of an object, its first member is one of another type. */
    private static JsonNode wrongType(JsonNode valid) {
        var json = JsonNodeFactory.instance;
        if (!valid.isObject() || valid.isEmpty()) return json.objectNode().set("value", valid);
        ObjectNode spoiled = valid.deepCopy();
        String first = valid.fieldNames().next();
        spoiled.set(first, valid.get(first).isObject() ? json.textNode("none") : json.objectNode());
        return spoiled;
    }
}

package dev.sluice.test;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON as it is pleasant to write in a test. */
public final class Json {
    private static final JsonMapper LENIENT = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    private Json() {}

    /**
     * Reads JSON in which quotes may be single, and left out around names: {@code json("{ok: true, who: 'me'}")}.
     *
     * @throws IllegalArgumentException when {@code text} is not JSON
     */
    public static JsonNode json(String text) {
        try {
            JsonNode tree = LENIENT.readTree(text);
            if (!tree.isMissingNode()) return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "not JSON: " + text + " (" + e.getOriginalMessage() + "; a text needs quotes: \"'text'\")", e);
        }
        throw new IllegalArgumentException("not JSON: an empty text");
    }

    /** Whether both say the same; 1, 1.0 and a long 1 do. */
    static boolean same(JsonNode a, JsonNode b) {
        return a.equals(
                (x, y) -> x.isNumber() && y.isNumber()
                        ? x.decimalValue().compareTo(y.decimalValue())
                        : x.equals(y) ? 0 : 1,
                b);
    }
}

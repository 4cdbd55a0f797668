package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * By what an event finds the runs that listen: its type, and where a filter correlates by a value that is known, that
 * value. So an event for one of 100,000 orders is handed to one run and not to all.
 *
 * @param type a CloudEvent type; {@code *} when the filter takes any
 * @param from the jq expressions that get the correlation values from an event, by the correlation's name; empty: no
 *     correlation
 * @param values what they must give, as a JSON array in the order of the names
 */
public record Topic(String type, String from, String values) {
    public static final String ANY_TYPE = "*";

    static Topic of(String type) {
        return new Topic(type, "", "");
    }

    /** @param expected correlation values by the expression that gets them from an event */
    static Topic of(String type, Map<String, JsonNode> expected) {
        var from = JsonNodeFactory.instance.arrayNode();
        var values = JsonNodeFactory.instance.arrayNode();
        new TreeMap<>(expected).forEach((expression, value) -> {
            from.add(expression);
            values.add(plain(value));
        });
        return new Topic(type, from.toString(), values.toString());
    }

    /** The topic under which an event of {@code type} finds those that listen with {@code from}. */
    public static Topic of(String type, String from, List<JsonNode> values) {
        var array = JsonNodeFactory.instance.arrayNode();
        values.forEach(value -> array.add(plain(value)));
        return new Topic(type, from, array.toString());
    }

    /** A number and its text are the same correlation value: the DSL lets an author write only the text. */
    static JsonNode plain(JsonNode value) {
        return value.isValueNode() && !value.isNull() ? TextNode.valueOf(value.asText()) : value;
    }
}

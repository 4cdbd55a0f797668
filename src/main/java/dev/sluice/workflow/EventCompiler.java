package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Compiles what says which events are meant. */
final class EventCompiler {
    private final Parts parts;

    EventCompiler(Parts parts) {
        this.parts = parts;
    }

    Consumption consumption(JsonNode to, String pointer) {
        if (to.has("one")) {
            return new Consumption(
                    Consumption.Mode.ONE,
                    List.of(filter(to.get("one"), pointer + "/one")),
                    Optional.empty(),
                    Optional.empty());
        }
        if (to.has("all")) {
            return new Consumption(
                    Consumption.Mode.ALL, filters(to.get("all"), pointer + "/all"), Optional.empty(), Optional.empty());
        }
        JsonNode until = to.path("until");
        Optional<Template> condition = until.isTextual()
                ? Optional.of(parts.expression(until.textValue(), pointer + "/until"))
                : Optional.empty();
        Optional<Consumption> stop =
                until.isObject() ? Optional.of(consumption(until, pointer + "/until")) : Optional.empty();
        return new Consumption(Consumption.Mode.ANY, filters(to.path("any"), pointer + "/any"), condition, stop);
    }

    private List<EventFilter> filters(JsonNode array, String pointer) {
        var filters = new ArrayList<EventFilter>();
        array.forEach(filter -> filters.add(filter(filter, pointer + "/" + filters.size())));
        return filters;
    }

    private EventFilter filter(JsonNode filter, String pointer) {
        var attributes = new TreeMap<String, Template>();
        filter.path("with").properties().forEach(attribute -> {
            String place = pointer + "/with/" + Pointers.escape(attribute.getKey());
            attributes.put(attribute.getKey(), parts.template(attribute.getValue(), place));
        });
        var correlations = new TreeMap<String, EventFilter.Correlation>();
        filter.path("correlate").properties().forEach(entry -> {
            String place = pointer + "/correlate/" + Pointers.escape(entry.getKey());
            correlations.put(entry.getKey(), correlation(entry.getValue(), place));
        });
        return new EventFilter(type(filter.path("with").path("type")), attributes, correlations);
    }

    private EventFilter.Correlation correlation(JsonNode node, String pointer) {
        String from = node.path("from").asText();
        return new EventFilter.Correlation(
                from, parts.expression(from, pointer + "/from"), parts.optional(node, "expect", pointer));
    }

    /** A type without signs that mean something in a regular expression, but for the dot that types are full of. */
    private static String type(JsonNode type) {
        boolean literal = type.isTextual() && type.textValue().matches("[\\w./:-]+");
        return literal ? type.textValue() : Topic.ANY_TYPE;
    }
}

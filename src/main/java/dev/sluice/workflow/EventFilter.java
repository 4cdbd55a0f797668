package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;

/**
 * Says which events are meant.
 *
 * @param type the type when it is written out; {@link Topic#ANY_TYPE} when it is left open or is a pattern
 * @param attributes what attributes and {@code data} must be, by name. An expression is evaluated on the attribute's
 *     value: true matches, any other value than a boolean must equal it. A text must equal it or match it as a regular
 *     expression
 * @param correlations by name
 */
public record EventFilter(String type, Map<String, Template> attributes, Map<String, Correlation> correlations) {

    /**
     * @param from expression that gets the value from the event, as written
     * @param query the same, compiled
     * @param expect what it must be; empty: what the first event had
     */
    public record Correlation(String from, Template query, Optional<Template> expect) {}

    /** @param scopes of the step that listens, or {@link Scopes#at} where there is none */
    public boolean matches(JsonNode event, Scopes scopes, JsonNode input) {
        // What is written out comes first: an expression is for events of the type that stands beside it.
        return matches(event, scopes, input, true) && matches(event, scopes, input, false);
    }

    private boolean matches(JsonNode event, Scopes scopes, JsonNode input, boolean constants) {
        for (var attribute : attributes.entrySet()) {
            Template wanted = attribute.getValue();
            if (wanted instanceof Template.Constant != constants) continue;
            if (!matches(wanted, event.path(attribute.getKey()), scopes, input)) return false;
        }
        return true;
    }

    private static boolean matches(Template wanted, JsonNode actual, Scopes scopes, JsonNode input) {
        if (actual.isMissingNode()) return false;
        boolean literal = wanted instanceof Template.Constant;
        JsonNode expected = wanted.evaluate(scopes.with("input", input), actual);
        if (expected.isBoolean() && !literal) return expected.booleanValue();
        if (expected.equals(actual)) return true;
        return expected.isTextual() && actual.isValueNode() && isPatternOf(expected.textValue(), actual.asText());
    }

    private static boolean isPatternOf(String pattern, String text) {
        try {
            return text.equals(pattern) || text.matches(pattern);
        } catch (PatternSyntaxException | StackOverflowError e) {
            return false;
        }
    }

    /** The correlation values of an event, by name; empty when an expression fails on it. */
    public Optional<Map<String, JsonNode>> values(JsonNode event, Scopes scopes) {
        var values = new TreeMap<String, JsonNode>();
        for (var correlation : correlations.entrySet()) {
            try {
                values.put(correlation.getKey(), correlation.getValue().query().evaluate(scopes, event));
            } catch (ProblemException e) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    /** The topic that brings this filter's events, as far as the values are known before the first one. */
    Topic topic(Scopes scopes, JsonNode input) {
        var expected = new TreeMap<String, JsonNode>();
        for (Correlation correlation : correlations.values()) {
            boolean ofEventAlone = correlation.query() instanceof Template.Expression e
                    && e.variables().isEmpty();
            if (correlation.expect().isPresent() && ofEventAlone) {
                expected.put(correlation.from(), correlation.expect().get().evaluate(scopes, input));
            }
        }
        return expected.isEmpty() ? Topic.of(type) : Topic.of(type, expected);
    }

    static List<String> types(List<EventFilter> filters) {
        return filters.isEmpty()
                ? List.of(Topic.ANY_TYPE)
                : filters.stream().map(EventFilter::type).toList();
    }
}

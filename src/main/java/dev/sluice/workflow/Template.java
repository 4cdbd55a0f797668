package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/**
 * A JSON value of the document in which strings are jq expressions: those of the form <code>${ … }</code> in the DSL's
 * strict mode; in its loose mode all of them, and one that fails stands for itself. Compiled once, when the definition
 * is read.
 */
public sealed interface Template
        permits Template.Constant, Template.Members, Template.Items, Template.Loose, Template.Expression, UriTemplate {

    /** @throws ProblemException SL3003 when an expression fails or gives several values */
    JsonNode evaluate(Scopes scopes, JsonNode current);

    /** @param pointer where {@code source} stands in the document, for messages */
    static Template of(JsonNode source, String pointer, boolean loose) {
        return switch (source.getNodeType()) {
            case STRING -> ofText(source, pointer, loose);
            case OBJECT -> {
                var members = new LinkedHashMap<String, Template>();
                source.properties()
                        .forEach(m -> members.put(
                                m.getKey(), of(m.getValue(), pointer + "/" + Pointers.escape(m.getKey()), loose)));
                yield isConstant(members.values()) ? new Constant(source) : new Members(members);
            }
            case ARRAY -> {
                var items = new ArrayList<Template>();
                source.forEach(item -> items.add(of(item, pointer + "/" + items.size(), loose)));
                yield isConstant(items) ? new Constant(source) : new Items(items);
            }
            default -> new Constant(source);
        };
    }

    private static Template ofText(JsonNode source, String pointer, boolean loose) {
        String text = source.textValue();
        if (isExpression(text)) return expression(text, pointer);
        if (!loose) return new Constant(source);
        try {
            return new Loose((Expression) expression("${" + text + "}", pointer), source);
        } catch (ProblemException e) {
            return new Constant(source);
        }
    }

    /**
     * A place where the DSL takes an expression with or without <code>${ }</code>: {@code if}, {@code input.from} and
     * the like.
     */
    static Template ofExpression(String text, String pointer) {
        return expression(isExpression(text) ? text : "${" + text + "}", pointer);
    }

    /** The truth that jq has: everything but false and null. */
    default boolean test(Scopes scopes, JsonNode current) {
        JsonNode value = evaluate(scopes, current);
        return !value.isNull() && !value.equals(BooleanNode.FALSE);
    }

    static boolean isExpression(String text) {
        String trimmed = text.strip();
        return trimmed.startsWith("${") && trimmed.endsWith("}");
    }

    private static boolean isConstant(Iterable<Template> parts) {
        for (Template part : parts) {
            if (!(part instanceof Constant)) return false;
        }
        return true;
    }

    private static Template expression(String text, String pointer) {
        String trimmed = text.strip();
        String source = trimmed.substring(2, trimmed.length() - 1).strip();
        try {
            return new Expression(source, pointer, JsonQuery.compile(source, Scopes.VERSION), variables(source));
        } catch (JsonQueryException e) {
            throw Problem.of(Code.SL3001, pointer + ": '" + source + "' is not a jq expression: " + e.getMessage())
                    .asException();
        }
    }

    /** A superset: a name that stands inside a string counts, too. */
    private static Set<String> variables(String source) {
        return Pattern.compile("\\$([A-Za-z_]\\w*)")
                .matcher(source)
                .results()
                .map(m -> m.group(1))
                .filter(name -> !name.equals("ENV") && !name.equals("__loc__"))
                .collect(Collectors.toUnmodifiableSet());
    }

    record Constant(JsonNode value) implements Template {
        @Override
        public JsonNode evaluate(Scopes scopes, JsonNode current) {
            return value;
        }
    }

    record Members(Map<String, Template> members) implements Template {
        @Override
        public JsonNode evaluate(Scopes scopes, JsonNode current) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            members.forEach((name, member) -> object.set(name, member.evaluate(scopes, current)));
            return object;
        }
    }

    record Items(List<Template> items) implements Template {
        @Override
        public JsonNode evaluate(Scopes scopes, JsonNode current) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            items.forEach(item -> array.add(item.evaluate(scopes, current)));
            return array;
        }
    }

    /** @param text what it stands for when the expression fails */
    record Loose(Expression expression, JsonNode text) implements Template {
        @Override
        public JsonNode evaluate(Scopes scopes, JsonNode current) {
            try {
                return expression.evaluate(scopes, current);
            } catch (ProblemException e) {
                return text;
            }
        }
    }

    /** @param variables names that the source mentions */
    record Expression(String source, String pointer, JsonQuery query, Set<String> variables) implements Template {
        @Override
        public JsonNode evaluate(Scopes scopes, JsonNode current) {
            var values = new ArrayList<JsonNode>(1);
            try {
                query.apply(scopes.scope(variables), current, value -> {
                    // At once, because an expression may go on giving values for ever.
                    if (!values.isEmpty()) throw failure("it gave several values, and one is needed; wrap it in [ ]");
                    values.add(value);
                });
            } catch (ProblemException e) {
                throw e;
            } catch (JsonQueryException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                // The last two because the author of an expression, not this process, is at fault.
                throw failure(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            }
            return values.isEmpty() || values.getFirst() == null ? NullNode.instance : values.getFirst();
        }

        private ProblemException failure(String reason) {
            return Problem.of(Code.SL3003, pointer + ": '" + source + "' failed: " + reason)
                    .asException();
        }
    }

    static Template text(String constant) {
        return new Constant(TextNode.valueOf(constant));
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.SchemaException;
import dev.sluice.inference.Field.Meaning;
import dev.sluice.inference.OfflineModel.NotSupported;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.StreamSupport;

/**
 * Makes a value that is valid against a schema and says about the document what the names of its properties ask for.
 * Supported: type, properties, required, items, enum, const, anyOf, oneOf, local $ref, and the bounds and formats of
 * numbers, strings and arrays. Everything else is refused, never ignored with a wrong answer: the value is validated at
 * the end.
 */
final class SchemaFill {
    /** 24 levels: no answer that a person reads is deeper; a schema that requires itself ends here. */
    private static final int DEPTH_MAX = 24;

    /** From this depth on only what is required is filled in, so that recursive schemas end. */
    private static final int DEPTH_REQUIRED_ONLY = 6;

    /** 2,000 values: more than an answer of 4,096 tokens can hold. */
    private static final int VALUES_MAX = 2_000;

    /** Ten elements of an array that does not say how many it wants. */
    private static final int ITEMS = 10;

    private static final List<String> REFUSED = List.of(
            "not",
            "if",
            "prefixItems",
            "contains",
            "patternProperties",
            "minProperties",
            "maxProperties",
            "propertyNames",
            "dependentRequired",
            "dependentSchemas",
            "dependencies",
            "$dynamicRef",
            "unevaluatedItems");

    /** @param choice the label chosen in the same object, for its confidence and its reason */
    private record Scope(Field field, Optional<Labels.Choice> choice, int depth) {
        Scope deeper(Field inner, Optional<Labels.Choice> chosen) {
            return new Scope(inner, chosen, depth + 1);
        }
    }

    private final JsonNode root;
    private final Facts facts;
    private final Labels labels;
    private int values;

    SchemaFill(Document document, JsonNode root) {
        this.root = root;
        this.facts = new Facts(document);
        this.labels = new Labels(document);
    }

    /** @throws NotSupported when the schema asks for what this cannot make */
    JsonNode value() {
        try {
            JsonNode value = must(root, new Scope(Field.ROOT, Optional.empty(), 0));
            AnswerSchema.flaw(root, value).ifPresent(flaw -> {
                throw new NotSupported(
                        "the offline model cannot make a value that is valid against this schema: " + flaw);
            });
            return value;
        } catch (SchemaException | PatternSyntaxException wrong) {
            throw new NotSupported("the schema is not valid: " + wrong.getMessage());
        }
    }

    private JsonNode must(JsonNode declared, Scope scope) {
        return find(declared, scope).orElseGet(() -> fallback(resolved(declared), scope));
    }

    /** Empty when the document does not say what is asked for. */
    private Optional<JsonNode> find(JsonNode declared, Scope scope) {
        if (scope.depth() > DEPTH_MAX) throw new NotSupported("the schema is deeper than " + DEPTH_MAX + " levels");
        if (++values > VALUES_MAX) throw new NotSupported("the schema asks for more than " + VALUES_MAX + " values");
        JsonNode schema = resolved(declared);
        if (schema.isBoolean()) return schema.asBoolean() ? string(schema, scope) : Optional.empty();
        REFUSED.stream().filter(schema::has).findFirst().ifPresent(keyword -> {
            throw new NotSupported("the schema keyword \"" + keyword + "\" is not supported");
        });
        if (schema.has("const")) return Optional.of(schema.get("const"));
        if (schema.has("enum")) return choice(schema).map(choice -> labelled(schema, choice));
        List<JsonNode> branches = branches(schema);
        for (JsonNode branch : branches) {
            Optional<JsonNode> found = find(branch, scope.deeper(scope.field(), scope.choice()));
            if (found.isPresent()) return found;
        }
        return branches.isEmpty() ? typed(schema, scope) : Optional.empty();
    }

    private Optional<JsonNode> typed(JsonNode schema, Scope scope) {
        return switch (type(schema)) {
            case "object" -> Optional.of(object(schema, scope));
            case "array" -> array(schema, scope);
            case "string" -> string(schema, scope);
            case "integer", "number" -> number(schema, scope);
            case "boolean" -> Optional.of(BooleanNode.valueOf(facts.holds(scope.field())));
            case "null" -> Optional.of(NullNode.getInstance());
            default -> throw new NotSupported("the type \"" + type(schema) + "\" is not supported");
        };
    }

    private JsonNode object(JsonNode schema, Scope scope) {
        Map<String, JsonNode> properties = properties(schema);
        Set<String> required = new LinkedHashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        Optional<Labels.Choice> chosen = chosen(properties).or(scope::choice);
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        properties.forEach((name, property) -> {
            boolean needed = required.contains(name);
            if (!needed && scope.depth() >= DEPTH_REQUIRED_ONLY) return;
            Scope inner = scope.deeper(scope.field().property(name, property), chosen);
            Optional<JsonNode> found = find(property, inner);
            if (found.isPresent()) object.set(name, found.get());
            else if (needed) object.set(name, fallback(resolved(property), inner));
        });
        return object;
    }

    /** As declared, with those that are required and not declared behind them as strings. */
    private static Map<String, JsonNode> properties(JsonNode schema) {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        schema.path("properties").properties().forEach(entry -> properties.put(entry.getKey(), entry.getValue()));
        JsonNode string = JsonNodeFactory.instance.objectNode().put("type", "string");
        JsonNode others = schema.path("additionalProperties").isObject() ? schema.get("additionalProperties") : string;
        schema.path("required").forEach(name -> properties.putIfAbsent(name.asText(), others));
        return properties;
    }

    /** The label that the first property with several strings to choose from gets. */
    private Optional<Labels.Choice> chosen(Map<String, JsonNode> properties) {
        return properties.values().stream()
                .map(this::resolved)
                .filter(property -> property.path("enum").size() > 1)
                .map(this::choice)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Labels.Choice> choice(JsonNode schema) {
        List<String> names = StreamSupport.stream(schema.get("enum").spliterator(), false)
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .toList();
        return names.isEmpty() ? Optional.empty() : Optional.of(labels.choose(names));
    }

    private static JsonNode labelled(JsonNode schema, Labels.Choice choice) {
        boolean none = choice.scores().getFirst().points() == 0 && !Lexicon.isRest(choice.label());
        return none && isNullable(schema) ? NullNode.getInstance() : TextNode.valueOf(choice.label());
    }

    private Optional<JsonNode> array(JsonNode schema, Scope scope) {
        int min = schema.path("minItems").asInt(0);
        int max = Math.min(schema.path("maxItems").asInt(Math.max(min, ITEMS)), Math.max(min, ITEMS));
        JsonNode items = plain(schema.has("items") ? schema.get("items") : JsonNodeFactory.instance.objectNode());
        Set<JsonNode> found = new LinkedHashSet<>(elements(items, scope));
        if (found.isEmpty() && min == 0 && isNullable(schema)) return Optional.empty();
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        found.stream().limit(max).forEach(array::add);
        while (array.size() < min) array.add(another(items, scope, array));
        return Optional.of(array);
    }

    /** The schema without references and without the choice to be null. */
    private JsonNode plain(JsonNode declared) {
        JsonNode schema = resolved(declared);
        List<JsonNode> branches = branches(schema);
        return branches.isEmpty() ? schema : resolved(branches.getFirst());
    }

    /** An element that is valid and, where the schema leaves room, not there yet. */
    private JsonNode another(JsonNode items, Scope scope, ArrayNode present) {
        Set<JsonNode> used = new LinkedHashSet<>();
        present.forEach(used::add);
        for (JsonNode value : items.path("enum")) if (!used.contains(value)) return value;
        JsonNode filled = must(items, scope.deeper(scope.field(), scope.choice()));
        if (!used.contains(filled)) return filled;
        return Fit.different(items, filled, used);
    }

    private List<JsonNode> elements(JsonNode items, Scope scope) {
        if (scope.depth() >= DEPTH_REQUIRED_ONLY) return List.of();
        if (items.has("enum")) return likelyLabels(items);
        return switch (type(items)) {
            case "string" -> strings(items, scope.field());
            case "number", "integer" -> numbers(items);
            case "object" -> pairs(items);
            default -> List.of();
        };
    }

    /** Every label that enough points to. */
    private List<JsonNode> likelyLabels(JsonNode items) {
        Optional<Labels.Choice> choice = choice(items);
        if (choice.isEmpty()) return List.of();
        double best = choice.get().scores().getFirst().points();
        return choice.get().scores().stream()
                .filter(score -> score.points() >= 2 && score.points() * 2 >= best)
                .<JsonNode>map(score -> TextNode.valueOf(score.label()))
                .toList();
    }

    private List<JsonNode> strings(JsonNode items, Field field) {
        boolean prose = field.isProse();
        return facts.strings(field).stream()
                .map(text -> Fit.string(items, text, prose))
                .flatMap(Optional::stream)
                .toList();
    }

    private List<JsonNode> numbers(JsonNode items) {
        return facts.numbers().stream()
                .map(value -> Fit.number(items, value))
                .filter(value -> Fit.fits(items, value))
                .toList();
    }

    /** For an array of objects with a name and a value: what the document labels itself. */
    private List<JsonNode> pairs(JsonNode items) {
        Map<String, JsonNode> properties = properties(items);
        Optional<String> name = firstOf(properties, "name", "key", "field", "label");
        Optional<String> value = firstOf(properties, "value", "text");
        if (name.isEmpty() || value.isEmpty()) return List.of();
        List<JsonNode> pairs = new ArrayList<>();
        facts.labelledLines().forEach((label, text) -> {
            ObjectNode pair =
                    JsonNodeFactory.instance.objectNode().put(name.get(), label).put(value.get(), text);
            if (AnswerSchema.flaw(items, pair).isEmpty()) pairs.add(pair);
        });
        return pairs;
    }

    private static Optional<String> firstOf(Map<String, JsonNode> properties, String... names) {
        for (String name : names) if (properties.containsKey(name)) return Optional.of(name);
        return Optional.empty();
    }

    private Optional<JsonNode> string(JsonNode schema, Scope scope) {
        Field field = scope.field();
        if (field.meaning() == Meaning.REASON && scope.choice().isPresent()) {
            return Fit.string(schema, scope.choice().get().reason(), true);
        }
        return strings(schema, field).stream().findFirst();
    }

    private Optional<JsonNode> number(JsonNode schema, Scope scope) {
        if (scope.field().meaning() == Meaning.CONFIDENCE) {
            return Optional.of(Fit.share(
                    schema, scope.choice().map(Labels.Choice::confidence).orElse(0.5)));
        }
        return facts.number(scope.field())
                .map(value -> Fit.number(schema, value))
                .filter(value -> Fit.fits(schema, value));
    }

    /** What is said when the document says nothing: null where allowed, else the plainest valid value. */
    private JsonNode fallback(JsonNode schema, Scope scope) {
        if (isNullable(schema)) return NullNode.getInstance();
        if (schema.has("enum")) return schema.get("enum").get(0);
        List<JsonNode> branches = branches(schema);
        if (!branches.isEmpty()) return must(branches.getFirst(), scope.deeper(scope.field(), scope.choice()));
        return switch (schema.isBoolean() ? "string" : type(schema)) {
            case "integer", "number" -> Fit.number(schema, BigDecimal.ZERO);
            default -> Fit.plainString(schema);
        };
    }

    /**
     * Branches of anyOf, oneOf or an allOf of one, without those that are only null; empty where a type is given beside
     * them.
     */
    private List<JsonNode> branches(JsonNode schema) {
        if (schema.has("type") || schema.has("properties")) return List.of();
        if (schema.path("allOf").size() > 1) throw new NotSupported("the schema keyword \"allOf\" is not supported");
        for (String keyword : List.of("anyOf", "oneOf", "allOf")) {
            if (!schema.has(keyword)) continue;
            List<JsonNode> branches = new ArrayList<>();
            for (JsonNode branch : schema.get(keyword)) {
                if (!type(resolved(branch)).equals("null")) branches.add(branch);
            }
            return branches;
        }
        return List.of();
    }

    private static boolean isNullable(JsonNode schema) {
        if (schema.has("enum")) return holds(schema.get("enum"), JsonNode::isNull);
        JsonNode type = schema.path("type");
        if (!type.isMissingNode()) {
            return type.asText("").equals("null")
                    || holds(type, one -> one.asText().equals("null"));
        }
        return holds(schema.path("anyOf"), SchemaFill::isNullable)
                || holds(schema.path("oneOf"), SchemaFill::isNullable);
    }

    private static boolean holds(JsonNode array, Predicate<JsonNode> wanted) {
        return StreamSupport.stream(array.spliterator(), false).anyMatch(wanted);
    }

    /** The first type that is not null; told by other keywords when none is given. */
    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.isTextual()) return type.asText();
        for (JsonNode one : type) if (!one.asText().equals("null")) return one.asText();
        if (type.size() == 1) return "null";
        if (schema.has("properties") || schema.has("required")) return "object";
        return schema.has("items") ? "array" : "string";
    }

    /** Follows local references. */
    private JsonNode resolved(JsonNode declared) {
        JsonNode schema = declared;
        for (int hops = 0; schema.has("$ref"); hops++) {
            String reference = schema.get("$ref").asText();
            if (hops > DEPTH_MAX || !reference.startsWith("#")) {
                throw new NotSupported("the reference \"" + reference + "\" is not supported");
            }
            schema = root.at(reference.substring(1));
            if (schema.isMissingNode()) throw new NotSupported("the reference \"" + reference + "\" leads nowhere");
        }
        return schema;
    }
}

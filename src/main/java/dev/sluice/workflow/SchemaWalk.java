package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Mistake.Kind;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Applies the part of JSON Schema (draft 2020-12) that the DSL's schema is written in, and says what is wrong as a
 * person would: a validator in general names every alternative of every {@code oneOf} for a single misspelling. Formats
 * are checked where an alternative depends on them.
 */
final class SchemaWalk {
    /** Every keyword that this class applies or that says nothing about a value. */
    static final Set<String> KEYWORDS = Set.of(
            "$ref",
            "$id",
            "$schema",
            "$defs",
            "title",
            "description",
            "default",
            "type",
            "const",
            "enum",
            "not",
            "pattern",
            "format",
            "minLength",
            "minimum",
            "maximum",
            "properties",
            "required",
            "minProperties",
            "maxProperties",
            "additionalProperties",
            "items",
            "minItems",
            "unevaluatedProperties",
            "allOf",
            "anyOf",
            "oneOf",
            "if",
            "then",
            "else");

    /** 1,000: longer than any version, name or duration; for each turn of a group the JDK's matcher calls itself. */
    private static final int GROUPED_MAX = 1_000;

    private final JsonNode root;
    private final JsonNode task;
    private final TaskKinds kinds;
    private final Map<String, Pattern> patterns = new ConcurrentHashMap<>();

    SchemaWalk(JsonNode root) {
        this.root = root;
        this.task = root.at("/$defs/task");
        this.kinds = new TaskKinds(task, this);
    }

    /** Everything that is wrong; empty for a document that matches. */
    List<Mistake> check(JsonNode document) {
        return check(root, document, Trail.ROOT).mistakes();
    }

    Verdict check(JsonNode schema, JsonNode value, Trail at) {
        if (schema == task) return kinds.check(value, at);
        var verdict = new Verdict();
        if (schema.isBoolean()) {
            return schema.asBoolean() ? verdict : verdict.add(Mistake.of(at, Kind.OTHER, "is not allowed here"));
        }
        if (!hasType(schema, value)) return verdict.add(expected(schema, Kind.TYPE, value, at));
        if (schema.has("$ref")) verdict.take(check(resolve(schema), value, at));
        if (value.isObject()) members(schema, value, at, verdict);
        else if (value.isArray()) items(schema, value, at, verdict);
        else scalar(schema, value, at, verdict);
        branches(schema, value, at, verdict);
        if (value.isObject() && schema.has("unevaluatedProperties") && !verdict.isOpen()) {
            refuseUnknown(schema, value, at, verdict);
        }
        return verdict;
    }

    private JsonNode resolve(JsonNode schema) {
        return root.at(schema.get("$ref").textValue().substring(1));
    }

    private static Mistake expected(JsonNode schema, Kind kind, JsonNode value, Trail at) {
        return Mistake.expected(at, kind, value, Expected.by(schema));
    }

    private static boolean hasType(JsonNode schema, JsonNode value) {
        return switch (schema.path("type").asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isNumber() && value.canConvertToExactIntegral();
            default -> true;
        };
    }

    private void branches(JsonNode schema, JsonNode value, Trail at, Verdict verdict) {
        for (JsonNode part : schema.path("allOf")) verdict.take(check(part, value, at));
        if (schema.has("oneOf")) verdict.take(choose(schema.get("oneOf"), true, value, at));
        if (schema.has("anyOf")) verdict.take(choose(schema.get("anyOf"), false, value, at));
        if (schema.has("if")) {
            boolean holds = check(schema.get("if"), value, at).fits();
            if (schema.has(holds ? "then" : "else")) {
                verdict.take(check(schema.get(holds ? "then" : "else"), value, at));
            }
        }
        if (schema.has("not") && check(schema.get("not"), value, at).fits()) {
            String needless = String.join(" and ", names(schema.get("not").path("required")));
            if (needless.isEmpty()) verdict.add(Mistake.expected(at, Kind.CONST, value, "allowed here"));
            else verdict.add(Mistake.of(at.to(needless), Kind.OTHER, "is not allowed beside the other members"));
        }
    }

    private Verdict choose(JsonNode alternatives, boolean onlyOne, JsonNode value, Trail at) {
        var verdicts = new ArrayList<Verdict>();
        for (JsonNode alternative : alternatives) verdicts.add(check(alternative, value, at));
        List<Verdict> fitting = verdicts.stream().filter(Verdict::fits).toList();
        if (fitting.isEmpty()) return Alternatives.nearest(verdicts, at);
        var chosen = new Verdict();
        if (onlyOne && fitting.size() > 1) {
            verdicts.forEach(chosen::know);
            var both = new TreeSet<String>();
            alternatives.forEach(alternative -> both.addAll(names(alternative.path("required"))));
            both.removeIf(name -> !value.has(name));
            return chosen.add(Mistake.of(
                    at, Kind.OTHER, "has " + String.join(" and ", both) + ", of which only one may be there"));
        }
        fitting.forEach(chosen::take);
        verdicts.forEach(v -> chosen.excluded().addAll(v.known()));
        return chosen;
    }

    private void members(JsonNode schema, JsonNode value, Trail at, Verdict verdict) {
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        for (String name : names(schema.path("required"))) {
            if (!value.has(name)) verdict.add(Mistake.missing(at, List.of(name)));
        }
        if (value.size() < schema.path("minProperties").asInt(0)) {
            verdict.add(Mistake.of(at, Kind.OTHER, "must not be empty"));
        }
        boolean crowded = value.size() > schema.path("maxProperties").asInt(Integer.MAX_VALUE);
        if (crowded) verdict.add(Mistake.of(at, Kind.OTHER, crowd(value)));
        properties.fieldNames().forEachRemaining(verdict.known()::add);
        if (!others.isMissingNode()) verdict.open();
        for (var member : value.properties()) {
            JsonNode own = properties.has(member.getKey()) ? properties.get(member.getKey()) : others;
            // What stands beside a task's name by mistake is its content, and no task.
            if (own.isMissingNode() || (crowded && !member.getValue().isObject())) continue;
            verdict.mistakes()
                    .addAll(check(own, member.getValue(), at.to(member.getKey()))
                            .mistakes());
        }
    }

    private static String crowd(JsonNode value) {
        var names = new ArrayList<String>();
        value.fieldNames().forEachRemaining(names::add);
        return "has the members " + String.join(", ", names)
                + "; an item of this list has one, its name, and all else is" + " indented under it";
    }

    private void items(JsonNode schema, JsonNode value, Trail at, Verdict verdict) {
        if (value.size() < schema.path("minItems").asInt(0)) {
            verdict.add(Mistake.of(at, Kind.OTHER, "must not be empty"));
        }
        JsonNode items = schema.path("items");
        for (int i = 0; i < value.size() && !items.isMissingNode(); i++) {
            verdict.mistakes().addAll(check(items, value.get(i), at.to(i)).mistakes());
        }
    }

    private void scalar(JsonNode schema, JsonNode value, Trail at, Verdict verdict) {
        if (schema.has("const") && !schema.get("const").equals(value)) {
            verdict.add(Mistake.expected(at, Kind.CONST, value, Mistake.show(schema.get("const"))));
        }
        if (schema.has("enum") && !names(schema.get("enum")).contains(value.asText())) {
            String allowed = "one of " + String.join(", ", names(schema.get("enum")));
            verdict.add(Mistake.expected(at, Kind.FORM, value, allowed));
        }
        if (value.isTextual() && !hasForm(schema, value.textValue())) {
            verdict.add(expected(schema, Kind.FORM, value, at));
        }
        if (value.isTextual()
                && value.textValue().length() < schema.path("minLength").asInt(0)) {
            verdict.add(Mistake.of(at, Kind.OTHER, "must not be empty"));
        }
        double number = value.asDouble();
        boolean below = schema.has("minimum") && number < schema.get("minimum").asDouble();
        boolean above = schema.has("maximum") && number > schema.get("maximum").asDouble();
        if (value.isNumber() && (below || above)) {
            String range = "from " + schema.path("minimum").asText() + " to "
                    + schema.path("maximum").asText();
            verdict.add(Mistake.expected(at, Kind.FORM, value, range));
        }
    }

    private boolean hasForm(JsonNode schema, String text) {
        if (schema.has("pattern") && !matches(schema, text)) return false;
        return switch (schema.path("format").asText()) {
            case "json-pointer" -> text.isEmpty() || text.startsWith("/");
            case "date-time" -> isTime(text);
            default -> true;
        };
    }

    private boolean matches(JsonNode schema, String text) {
        Pattern pattern = pattern(schema);
        boolean hasGroups = pattern.pattern().contains("(");
        return !(hasGroups && text.length() > GROUPED_MAX)
                && pattern.matcher(text).find();
    }

    /** An expression may go over several lines, although the schema's pattern forgot it. */
    private Pattern pattern(JsonNode schema) {
        return patterns.computeIfAbsent(
                schema.get("pattern").textValue(), source -> Pattern.compile(source, Pattern.DOTALL));
    }

    private static boolean isTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static void refuseUnknown(JsonNode schema, JsonNode value, Trail at, Verdict verdict) {
        for (var names = value.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!Members.isNewer(schema, name)) continue;
            verdict.known().add(name);
            verdict.add(Mistake.of(at.to(name), Kind.UNSUPPORTED, "is not supported yet by this version of Sluice"));
        }
        Members.refuseUnknown(verdict, value, at);
    }

    private static List<String> names(JsonNode list) {
        var names = new ArrayList<String>();
        list.forEach(name -> names.add(name.asText()));
        return names;
    }
}

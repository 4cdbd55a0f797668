package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.inference.OfflineModel.NotSupported;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Brings strings and numbers within the bounds of their schema. */
final class Fit {
    /** 10,000 characters: padding further to reach a {@code minLength} would only be noise. */
    private static final int PADDED_MAX = 10_000;

    private static final List<String> STRING_KEYWORDS = List.of("minLength", "maxLength", "pattern", "format");
    private static final List<String> NUMBER_KEYWORDS =
            List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    /** Tried in order where a string must be there and the document says nothing. Names are of the reserved kind. */
    private static final List<String> PLAIN = List.of(
            "",
            "unknown",
            "1970-01-01",
            "1970-01-01T00:00:00Z",
            "00:00:00Z",
            "unknown@example.invalid",
            "https://example.invalid/",
            "00000000-0000-0000-0000-000000000000",
            "0.0.0.0",
            "::",
            "unknown.invalid",
            "P0D",
            "0",
            "00",
            "000",
            "0000",
            "00000",
            "0.00",
            "A",
            "AA",
            "AAA",
            "XXX",
            "a",
            "aa",
            "aaa",
            "A0",
            "A-0",
            "n/a");

    private Fit() {}

    /**
     * The text as the schema wants it; empty when it cannot be that.
     *
     * @param prose true when it may be shortened
     */
    static Optional<JsonNode> string(JsonNode schema, String text, boolean prose) {
        String wanted = schema.path("format").asText("").equals("date-time") && text.matches("\\d{4}-\\d\\d-\\d\\d")
                ? text + "T00:00:00Z"
                : text;
        int lengthMax = schema.path("maxLength").asInt(Integer.MAX_VALUE);
        JsonNode value = TextNode.valueOf(prose ? shortened(wanted, lengthMax) : wanted);
        return text.isEmpty() || !leafFits(schema, value, STRING_KEYWORDS) ? Optional.empty() : Optional.of(value);
    }

    /** At most {@code lengthMax} code points, cut between words where there is one to cut at. */
    static String shortened(String text, int lengthMax) {
        if (text.codePointCount(0, text.length()) <= lengthMax) return text;
        if (lengthMax < 1) return "";
        String kept = text.substring(0, text.offsetByCodePoints(0, lengthMax - 1));
        int space = kept.lastIndexOf(' ');
        return (space > kept.length() / 2 ? kept.substring(0, space) : kept) + "…";
    }

    /** @throws NotSupported when none of the plain strings is valid */
    static JsonNode plainString(JsonNode schema) {
        int lengthMin = schema.path("minLength").asInt(0);
        for (String plain : PLAIN) {
            JsonNode value = TextNode.valueOf(plain);
            if (leafFits(schema, value, STRING_KEYWORDS)) return value;
        }
        JsonNode padded = TextNode.valueOf("unknown" + ".".repeat(Math.clamp(lengthMin - 7, 0, PADDED_MAX)));
        if (leafFits(schema, padded, STRING_KEYWORDS)) return padded;
        throw new NotSupported("no value was found for a string that must match " + schema);
    }

    /** A valid value that is not in {@code used}, or the given one where the schema leaves no other. */
    static JsonNode different(JsonNode items, JsonNode filled, Set<JsonNode> used) {
        for (int i = 1; i <= used.size() + 1; i++) {
            JsonNode other = filled.isNumber()
                    ? number(items, filled.decimalValue().add(step(items).multiply(BigDecimal.valueOf(i))))
                    : filled.isTextual() ? TextNode.valueOf(filled.asText() + i) : filled;
            if (!used.contains(other) && fits(items, other)) return other;
        }
        for (String plain : PLAIN) {
            JsonNode other = TextNode.valueOf(plain);
            if (filled.isTextual() && !used.contains(other) && fits(items, other)) return other;
        }
        return filled;
    }

    /** A share of 0 to 1, or of 0 to the maximum where that is above 1, such as per cent. */
    static JsonNode share(JsonNode schema, double share) {
        BigDecimal max = decimal(schema, "maximum").orElse(BigDecimal.ONE);
        BigDecimal scaled =
                max.compareTo(BigDecimal.ONE) > 0 ? BigDecimal.valueOf(share).multiply(max) : BigDecimal.valueOf(share);
        return number(schema, scaled);
    }

    /** The nearest number within the bounds. Where bounds contradict each other the result is not valid. */
    static JsonNode number(JsonNode schema, BigDecimal wanted) {
        BigDecimal step = step(schema);
        boolean stepped = isInteger(schema) || schema.has("multipleOf");
        BigDecimal value = wanted;
        Optional<BigDecimal> low = low(schema, step);
        Optional<BigDecimal> high = high(schema, step);
        if (low.isPresent()) value = value.max(low.get());
        if (high.isPresent()) value = value.min(high.get());
        if (stepped) value = snapped(value, step, low, high);
        BigDecimal plain = new BigDecimal(value.stripTrailingZeros().toPlainString());
        return plain.scale() <= 0 ? BigIntegerNode.valueOf(plain.toBigInteger()) : DecimalNode.valueOf(plain);
    }

    private static BigDecimal snapped(
            BigDecimal value, BigDecimal step, Optional<BigDecimal> low, Optional<BigDecimal> high) {
        BigDecimal nearest = multiple(value, step, RoundingMode.HALF_UP);
        if (low.isPresent() && nearest.compareTo(low.get()) < 0) return multiple(low.get(), step, RoundingMode.CEILING);
        if (high.isPresent() && nearest.compareTo(high.get()) > 0)
            return multiple(high.get(), step, RoundingMode.FLOOR);
        return nearest;
    }

    private static BigDecimal multiple(BigDecimal value, BigDecimal step, RoundingMode mode) {
        return value.divide(step, 0, mode).multiply(step);
    }

    private static BigDecimal step(JsonNode schema) {
        BigDecimal multiple = decimal(schema, "multipleOf")
                .filter(value -> value.signum() > 0)
                .orElse(BigDecimal.ONE);
        boolean fraction = multiple.stripTrailingZeros().scale() > 0;
        return isInteger(schema) && fraction ? multiple.multiply(BigDecimal.TEN.pow(multiple.scale())) : multiple;
    }

    private static Optional<BigDecimal> low(JsonNode schema, BigDecimal step) {
        Optional<BigDecimal> above = decimal(schema, "exclusiveMinimum").map(bound -> bound.add(inside(schema, step)));
        Optional<BigDecimal> from = decimal(schema, "minimum");
        return above.isPresent() && from.isPresent() ? Optional.of(above.get().max(from.get())) : above.or(() -> from);
    }

    private static Optional<BigDecimal> high(JsonNode schema, BigDecimal step) {
        Optional<BigDecimal> below =
                decimal(schema, "exclusiveMaximum").map(bound -> bound.subtract(inside(schema, step)));
        Optional<BigDecimal> to = decimal(schema, "maximum");
        return below.isPresent() && to.isPresent() ? Optional.of(below.get().min(to.get())) : below.or(() -> to);
    }

    /** How far a number keeps from an exclusive bound: a thousandth of the range or of one, whichever is smaller. */
    private static BigDecimal inside(JsonNode schema, BigDecimal step) {
        BigDecimal low = decimal(schema, "exclusiveMinimum")
                .or(() -> decimal(schema, "minimum"))
                .orElse(BigDecimal.ZERO);
        BigDecimal high = decimal(schema, "exclusiveMaximum")
                .or(() -> decimal(schema, "maximum"))
                .orElse(low.add(step));
        BigDecimal range = high.subtract(low).abs().min(BigDecimal.ONE);
        BigDecimal thousandth = range.movePointLeft(3).round(new MathContext(3));
        return thousandth.signum() == 0 ? new BigDecimal("0.001") : thousandth;
    }

    private static boolean isInteger(JsonNode schema) {
        JsonNode type = schema.path("type");
        if (type.asText("").equals("integer")) return true;
        boolean integer = false;
        for (JsonNode one : type) {
            if (one.asText().equals("number")) return false;
            integer |= one.asText().equals("integer");
        }
        return integer;
    }

    private static Optional<BigDecimal> decimal(JsonNode schema, String keyword) {
        JsonNode value = schema.path(keyword);
        return value.isNumber() ? Optional.of(value.decimalValue()) : Optional.empty();
    }

    /** True when a string or a number keeps the bounds of its schema. */
    static boolean fits(JsonNode schema, JsonNode value) {
        return leafFits(schema, value, value.isTextual() ? STRING_KEYWORDS : NUMBER_KEYWORDS);
    }

    private static boolean leafFits(JsonNode schema, JsonNode value, List<String> keywords) {
        if (value instanceof NullNode) return false;
        ObjectNode leaf = JsonNodeFactory.instance.objectNode();
        for (String keyword : keywords) if (schema.has(keyword)) leaf.set(keyword, schema.get(keyword));
        return leaf.isEmpty() || AnswerSchema.flaw(leaf, value).isEmpty();
    }
}

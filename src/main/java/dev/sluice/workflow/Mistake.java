package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One place at which a document does not match the DSL's schema.
 *
 * @param at the value; for a missing member what should hold it
 * @param text for {@code TYPE}, {@code FORM} and {@code CONST} what was expected, such as "a text"; else the message
 * @param names of the missing members, any of which would do; empty unless {@code MISSING}
 */
record Mistake(Trail at, Kind kind, JsonNode value, String text, List<String> names) {
    /** 40 characters of a value: enough to know it by. */
    private static final int SHOWN_MAX = 40;

    enum Kind {
        /** Another type of JSON than expected. */
        TYPE,
        /** The right type with another content than expected. */
        FORM,
        /** Not the value that tells this alternative from the others. */
        CONST,
        MISSING,
        UNKNOWN,
        OTHER,
        /** A newer DSL allows it. */
        UNSUPPORTED
    }

    static Mistake expected(Trail at, Kind kind, JsonNode value, String expected) {
        return new Mistake(at, kind, value, expected, List.of());
    }

    static Mistake of(Trail at, Kind kind, String message) {
        return new Mistake(at, kind, null, message, List.of());
    }

    static Mistake missing(Trail at, List<String> names) {
        String text = names.size() == 1 ? "is missing" : "needs one of " + String.join(", ", names);
        return new Mistake(at, Kind.MISSING, null, text, names);
    }

    /** True when what was expected can be named together with what another alternative expected. */
    boolean isExpectation() {
        return kind == Kind.TYPE || kind == Kind.FORM || kind == Kind.CONST;
    }

    String pointer() {
        return (names.size() == 1 ? at.to(names.getFirst()) : at).toString();
    }

    String message() {
        return isExpectation() ? show(value) + " is not " + text : text;
    }

    static String show(JsonNode value) {
        if (value.isObject()) return "an object";
        if (value.isArray()) return "a list";
        String text = value.asText();
        if (!value.isTextual()) return text;
        String line = text.replaceAll("\\s+", " ");
        return "'" + (line.length() > SHOWN_MAX ? line.substring(0, SHOWN_MAX) + "…" : line) + "'";
    }
}

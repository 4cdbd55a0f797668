package dev.sluice.inference;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an object or an array as models write it, and writes it as JSON. Corrected are: a text that was cut off (open
 * strings, arrays and objects are closed; a member without its value, an array or object without anything in it, and a
 * number that may have had more digits, are left out), closing brackets that were forgotten, trailing commas, missing
 * commas where a member or a container begins, single quotes, names without quotes, Python's and JavaScript's literals,
 * comments, line breaks and other control characters in strings, escapes that JSON does not have. Everything else makes
 * the value unreadable. What is valid is copied as it stands.
 */
final class JsonRewriter {
    /** 200: no schema is so deep, and the reader calls itself for each level. */
    static final int DEPTH_MAX = 200;

    /**
     * @param json valid
     * @param end index after the value in the text
     * @param length of what was read
     * @param cut the text ended before the value did
     */
    record Reading(String json, int end, int length, boolean cut) {}

    private enum End {
        WHOLE,
        /** The text ended, and what there was of the value is written. */
        CUT,
        /** The text ended before there was anything to write. */
        NOTHING,
        WRONG
    }

    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?(?![\\w.])");
    private static final Pattern NUMBER_CUT = Pattern.compile("-?\\d*\\.?\\d*(?:[eE][+-]?\\d*)?$");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_$][\\w$-]*");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]+(?![\\w$])");
    /** A run of white space, or one comment, which may have been cut off. */
    private static final Pattern SPACE =
            Pattern.compile("[\\s\\u00a0\\ufeff]++|(?://|#)[^\\n]*+|/\\*(?s:.*?)(?:\\*/|\\z)");

    private static final Pattern HEX = Pattern.compile("\\p{XDigit}*");

    private static final Map<String, String> LITERALS = Map.of(
            "true",
            "true",
            "false",
            "false",
            "null",
            "null",
            "True",
            "true",
            "False",
            "false",
            "None",
            "null",
            "NaN",
            "null",
            "undefined",
            "null");

    private final String text;
    private final int start;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private int objects;
    private int arrays;
    private boolean looksLikeJson;

    JsonRewriter(String text, int start) {
        this.text = text;
        this.start = start;
        this.at = start;
    }

    /** Empty when it cannot be read, or only in a way that may be another than was meant. */
    Optional<Reading> read() {
        return switch (container()) {
            case WHOLE -> Optional.of(new Reading(out.toString(), at, at - start, false));
            case CUT -> Optional.of(new Reading(out.toString(), text.length(), at - start, true));
            case NOTHING, WRONG -> Optional.empty();
        };
    }

    /** Whether a name with its colon, an item of an array, or more than prose has of brackets was read. */
    boolean looksLikeJson() {
        return looksLikeJson;
    }

    private End container() {
        looksLikeJson |= objects + arrays >= DEPTH_MAX;
        if (objects + arrays >= DEPTH_MAX) return End.WRONG;
        boolean object = text.charAt(at++) == '{';
        count(object, 1);
        out.append(object ? '{' : '[');
        End end = content(object);
        count(object, -1);
        if (end != End.WRONG) out.append(object ? '}' : ']');
        return end;
    }

    private void count(boolean object, int change) {
        if (object) objects += change;
        else arrays += change;
    }

    private End content(boolean object) {
        // Bounded by the text: every round reads at least a character.
        for (boolean first = true; ; first = false) {
            space();
            if (ended()) return first ? End.NOTHING : End.CUT;
            char next = text.charAt(at);
            if (next == '}' || next == ']') return closing(object, next);
            int before = out.length();
            if (!first) out.append(',');
            End end = object ? member() : value();
            if (end == End.NOTHING) out.setLength(before);
            if (end == End.NOTHING && !first || end == End.CUT) return End.CUT;
            if (end != End.WHOLE || !separated(object)) return end == End.WHOLE ? End.WRONG : end;
        }
    }

    /** A bracket of the other kind closes this container as well, if one of that kind is open. */
    private End closing(boolean object, char bracket) {
        boolean own = object == (bracket == '}');
        if (own) at++;
        boolean forgotten = bracket == '}' ? objects > 0 : arrays > 0;
        return own || forgotten ? End.WHOLE : End.WRONG;
    }

    /** What follows an item: a comma, a bracket, the end, or the next item where only its comma is missing. */
    private boolean separated(boolean object) {
        looksLikeJson = true;
        space();
        if (ended()) return true;
        char next = text.charAt(at);
        if (next != ',') return "}]".indexOf(next) >= 0 || (object ? "\"'" : "{[").indexOf(next) >= 0;
        at++;
        space();
        return ended() || text.charAt(at) != ',';
    }

    private End member() {
        End name = name();
        if (name != End.WHOLE) return name == End.WRONG ? End.WRONG : End.NOTHING;
        space();
        if (ended()) return End.NOTHING;
        if (text.charAt(at++) != ':') return End.WRONG;
        looksLikeJson = true;
        out.append(':');
        space();
        return value();
    }

    private End name() {
        char first = text.charAt(at);
        if (first == '"' || first == '\'') return string(first);
        Matcher name = here(NAME);
        if (!name.lookingAt()) return End.WRONG;
        at = name.end();
        out.append('"').append(name.group()).append('"');
        return End.WHOLE;
    }

    private End value() {
        if (ended()) return End.NOTHING;
        char first = text.charAt(at);
        if (first == '{' || first == '[') return container();
        if (first == '"' || first == '\'') return string(first);
        return first == '-' || Character.isDigit(first) ? number() : literal();
    }

    private End number() {
        Matcher number = here(NUMBER);
        if (number.lookingAt() && number.end() < text.length()) {
            out.append(number.group());
            at = number.end();
            return End.WHOLE;
        }
        return here(NUMBER_CUT).lookingAt() ? End.NOTHING : End.WRONG;
    }

    private End literal() {
        Matcher word = here(WORD);
        if (!word.lookingAt()) return End.WRONG;
        String json = LITERALS.get(word.group());
        if (json != null) {
            out.append(json);
            at = word.end();
            return End.WHOLE;
        }
        boolean cut = word.end() == text.length()
                && LITERALS.keySet().stream().anyMatch(literal -> literal.startsWith(word.group()));
        return cut ? End.NOTHING : End.WRONG;
    }

    private End string(char quote) {
        out.append('"');
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote && !isApostrophe(quote)) {
                out.append('"');
                return End.WHOLE;
            }
            if (c == '\\') escape();
            else append(c);
        }
        out.append('"');
        return End.CUT;
    }

    /** In a string in single quotes, one between two letters closes nothing. */
    private boolean isApostrophe(char quote) {
        return quote == '\''
                && at < text.length()
                && Character.isLetter(text.charAt(at))
                && Character.isLetter(text.charAt(at - 2));
    }

    private void append(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < ' ') out.append(String.format("\\u%04x", (int) c));
                else out.append(c);
            }
        }
    }

    /** An escape that is none of JSON's was a backslash, but for those of Python; one that was cut off is left out. */
    private void escape() {
        if (at == text.length()) return;
        char escaped = text.charAt(at);
        if (escaped == '\'') out.append(text.charAt(at++));
        else if (escaped == 'u') hex(4, "\\u");
        else if (escaped == 'x') hex(2, "\\u00");
        else if ("\"\\/bfnrt".indexOf(escaped) >= 0) out.append('\\').append(text.charAt(at++));
        else out.append("\\\\");
    }

    private void hex(int digits, String written) {
        Matcher hex = HEX.matcher(text).region(at + 1, Math.min(text.length(), at + 1 + digits));
        boolean whole = hex.lookingAt() && hex.end() == at + 1 + digits;
        if (whole) out.append(written).append(hex.group());
        if (whole || hex.end() == text.length()) at = hex.end();
        else out.append("\\\\");
    }

    private void space() {
        Matcher space = here(SPACE);
        while (space.lookingAt()) {
            at = space.end();
            space.region(at, text.length());
        }
    }

    /** The text is at its end, or at the end of the code block. */
    private boolean ended() {
        return at >= text.length() || text.startsWith("```", at);
    }

    private Matcher here(Pattern pattern) {
        return pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
    }
}

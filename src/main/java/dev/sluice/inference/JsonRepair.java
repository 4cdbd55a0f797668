package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the JSON value in what a model said: the first rung of structured output, local and free. Valid JSON stays as
 * it is. Else thoughts, code fences and prose are left out, and {@link JsonRewriter} corrects what can be corrected in
 * one way only; whatever could be read in two ways is refused, for a wrong answer costs more than another question.
 */
final class JsonRepair {
    /** 1 Mi characters are about 250,000 tokens: no model answers more. */
    static final int CHARACTERS_MAX = 1 << 20;

    /** 32 places where a value may begin: more brackets in prose are a text about something else. */
    private static final int STARTS_MAX = 32;

    /** Two: an answer that is a string in a string was seen, never a third around it. */
    private static final int UNWRAPPED_MAX = 2;

    private static final ObjectMapper STRICT = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(JsonRewriter.DEPTH_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Pattern THOUGHT = Pattern.compile(
            "(?is)^.*</(?:think|thinking|thought|reasoning)>|<(?:think|thinking|thought|reasoning)>.*$");

    private static final Pattern FENCE = Pattern.compile("(?m)^[ \\t]*(?:```|~~~)[\\w+-]*[ \\t]*\\R");
    /** A bracket and then the first quote of its content, with a backslash before it. */
    private static final Pattern ESCAPED = Pattern.compile("[{\\[](?:[\\s{\\[]++|\\\\[nrt]){0,200}+\\\\\"");

    private static final Pattern LAST_FENCE = Pattern.compile("(?:```|~~~)\\s*$");

    private JsonRepair() {}

    /** The value, where a string that holds nothing but an object or an array is taken for what it holds. */
    static Optional<JsonNode> value(String text) {
        return value(text, value -> !value.isTextual());
    }

    /**
     * The first reading of the text that is accepted: the text as it is, then what stands in it and is whole, the
     * longest first, then what was cut off.
     *
     * @param accepted usually: valid against the schema
     * @return the first reading of all when none is accepted; empty when there is none
     */
    static Optional<JsonNode> value(String text, Predicate<JsonNode> accepted) {
        if (text.length() > CHARACTERS_MAX) return Optional.empty();
        Set<JsonNode> readings = new LinkedHashSet<>();
        read(text, 0, readings);
        return readings.stream()
                .filter(accepted)
                .findFirst()
                .or(() -> readings.stream().findFirst());
    }

    private static void read(String text, int unwrapped, Set<JsonNode> readings) {
        Optional<JsonNode> strict = strict(text);
        strict.ifPresent(readings::add);
        if (strict.isPresent() && !strict.get().isTextual()) return;
        if (strict.isPresent()) {
            String inner = strict.get().textValue();
            if (unwrapped < UNWRAPPED_MAX && isContainer(inner)) read(inner, unwrapped + 1, readings);
            return;
        }
        if (unwrapped < UNWRAPPED_MAX && isEscaped(text)) read(unescaped(text), unwrapped + 1, readings);
        else readings.addAll(found(text));
    }

    private static boolean isEscaped(String text) {
        int start = next(text, 0);
        return start >= 0 && ESCAPED.matcher(text).region(start, text.length()).lookingAt();
    }

    private static List<JsonNode> found(String text) {
        if (isContainer(text)) return scanned(text);
        String said = THOUGHT.matcher(text).replaceAll("");
        Matcher fence = FENCE.matcher(said);
        for (int tried = 0; tried < STARTS_MAX && fence.find(); tried++) {
            List<JsonNode> fenced = scanned(said.substring(fence.end()));
            if (!fenced.isEmpty()) return fenced;
        }
        return scanned(said);
    }

    /** Whether nothing but white space is before the first bracket: then all of it is the value. */
    private static boolean isContainer(String text) {
        String start = text.stripLeading();
        return start.startsWith("{") || start.startsWith("[");
    }

    private static List<JsonNode> scanned(String fenced) {
        String text = LAST_FENCE.matcher(fenced).replaceFirst("");
        List<JsonRewriter.Reading> readings = new ArrayList<>();
        int start = next(text, 0);
        for (int tried = 0; start >= 0 && tried < STARTS_MAX; tried++) {
            JsonRewriter rewriter = new JsonRewriter(text, start);
            Optional<JsonRewriter.Reading> reading = rewriter.read();
            // What is inside of a broken value is not the answer but a part of it.
            if (reading.isEmpty() && rewriter.looksLikeJson()) break;
            reading.ifPresent(readings::add);
            start = next(text, reading.map(JsonRewriter.Reading::end).orElse(start + 1));
        }
        return readings.stream()
                .sorted(Comparator.comparing(JsonRewriter.Reading::cut)
                        .thenComparing(JsonRewriter.Reading::length, Comparator.reverseOrder()))
                .flatMap(reading -> strict(reading.json()).stream())
                .toList();
    }

    private static int next(String text, int from) {
        int object = text.indexOf('{', from);
        int array = text.indexOf('[', from);
        return object < 0 || (array >= 0 && array < object) ? array : object;
    }

    /** One level of a JSON string's escapes taken away, without its being a whole string. */
    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case '"', '\\', '/' -> plain.append(escaped);
                default -> plain.append(c).append(escaped);
            }
        }
        return plain.toString();
    }

    private static Optional<JsonNode> strict(String text) {
        try {
            return Optional.ofNullable(STRICT.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        }
    }
}

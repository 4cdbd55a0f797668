package dev.sluice.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of a document as a tree, with the place of everything in it. Aliases of YAML are replaced by what they stand
 * for. Reads on after what it can skip, so that what is wrong further down is found as well.
 */
final class DocumentText {
    /** 200 levels: {@code do} takes three, so 60 of them in each other; low enough to walk a tree by recursion. */
    static final int NESTING_MAX = 200;

    /** 100,000 values that stand in the tree only because of aliases; a bomb of nine lines would give a billion. */
    static final int ALIASED_MAX = 100_000;

    private static final YAMLFactory YAML = new YAMLFactory();
    private static final JsonFactory JSON = new JsonFactory();
    /** How JSON begins; YAML may, but nobody writes it so. */
    private static final Pattern QUOTED_MEMBER = Pattern.compile("\\s*\\{\\s*\"");

    private static final Pattern MARK = Pattern.compile("(?m)^ in 'reader', line (\\d+), column (\\d+):");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** @param size number of values in {@code value}, itself included */
    private record Anchor(JsonNode value, int size) {}

    private final JsonParser parser;

    /** In code points, as YAML counts. */
    private final int[] text;

    private final Map<String, Anchor> anchors = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private SourceMap places = SourceMap.unknown();
    private JsonNode tree = MissingNode.getInstance();
    private boolean failed;
    private int values;
    private int aliased;

    private DocumentText(JsonParser parser, String text) {
        this.parser = parser;
        this.text = text.codePoints().toArray();
    }

    /** @param source YAML or JSON; what begins with a brace is tried as JSON first, whose tabs YAML does not take */
    static DocumentText read(String source) {
        String text = source.startsWith("\uFEFF") ? source.substring(1) : source;
        if (!text.stripLeading().startsWith("{")) return read(YAML, text);
        DocumentText json = read(JSON, text);
        if (!json.failed) return json;
        DocumentText yaml = read(YAML, text);
        return yaml.failed && QUOTED_MEMBER.matcher(text).lookingAt() ? json : yaml;
    }

    private static DocumentText read(TokenStreamFactory factory, String text) {
        try (JsonParser parser = factory.createParser(text)) {
            var read = new DocumentText(parser, text);
            read.run();
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    /** An object, or a missing node when the text cannot be read or is none. */
    JsonNode tree() {
        return tree;
    }

    SourceMap places() {
        return places;
    }

    /** What is wrong with the text itself. */
    List<Finding> findings() {
        return findings;
    }

    private void run() throws IOException {
        try {
            boolean empty = parser.nextToken() == null;
            places = new SourceMap(empty ? new SourceMap.Place(1, 1) : place());
            JsonNode document = empty ? MissingNode.getInstance() : value(Trail.ROOT, places, 0);
            if (document.isObject()) tree = document;
            else report(Trail.ROOT, places.of(""), "the document is not a YAML or JSON object");
            if (!empty && parser.nextToken() != null) {
                report(Trail.ROOT, place(), "a file holds one document; this one goes on after it");
            }
        } catch (JsonProcessingException e) {
            failed = true;
            tree = MissingNode.getInstance();
            report(Trail.ROOT, place(e), oneLine(e));
        }
    }

    /** YAML's own location is where the token began; its message ends with the place of the character. */
    private SourceMap.Place place(JsonProcessingException e) {
        var last = MARK.matcher(e.getOriginalMessage()).results().reduce((one, next) -> next);
        if (last.isEmpty()) return e.getLocation() == null ? place() : place(e.getLocation());
        return new SourceMap.Place(
                Integer.parseInt(last.get().group(1)),
                Integer.parseInt(last.get().group(2)));
    }

    /** A message of YAML says what was read and what is wrong, each followed by indented lines that show the text. */
    private static String oneLine(JsonProcessingException e) {
        if (e.getOriginalMessage().startsWith("Expected a field name")) return "a member's name must be a text";
        return e.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .collect(Collectors.joining("; "));
    }

    private JsonNode value(Trail trail, SourceMap at, int depth) throws IOException {
        if (depth > NESTING_MAX) {
            throw new JsonParseException(parser, "values lie in each other more than " + NESTING_MAX + " levels deep");
        }
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) return aliased(trail, yaml.getText());
        String anchor = parser instanceof YAMLParser yaml ? anchor(yaml) : null;
        int before = values++;
        JsonNode value =
                switch (parser.currentToken()) {
                    case START_OBJECT -> object(trail, at, depth);
                    case START_ARRAY -> array(trail, at, depth);
                    default -> scalar(trail);
                };
        if (anchor != null) anchors.put(anchor, new Anchor(value, values - before));
        return value;
    }

    /** Jackson names the anchor of a container only; that of a scalar stands where the scalar's event begins. */
    private String anchor(YAMLParser yaml) throws IOException {
        if (yaml.currentToken().isStructStart()) return yaml.getObjectId();
        int at = (int) yaml.currentTokenLocation().getCharOffset();
        if (at < text.length && text[at] == '!') at = end(at, Character::isWhitespace);
        while (at < text.length && Character.isWhitespace(text[at])) at++;
        if (at >= text.length || text[at] != '&') return null;
        int end = end(at, c -> Character.isWhitespace(c) || ",[]{}".indexOf(c) >= 0);
        return new String(text, at + 1, end - at - 1);
    }

    private int end(int start, IntPredicate isAfter) {
        int end = start;
        while (end < text.length && !isAfter.test(text[end])) end++;
        return end;
    }

    private ObjectNode object(Trail trail, SourceMap at, int depth) throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Trail own = trail.to(name);
            SourceMap.Place key = place();
            if (object.has(name)) report(own, key, "'" + name + "' stands here twice");
            SourceMap member = at.child(name, key);
            parser.nextToken();
            boolean merge = name.equals("<<") && parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
            JsonNode value = value(own, member, depth + 1);
            if (merge) report(own, key, "merge keys are not part of YAML 1.2; write out the members");
            else object.set(name, value);
        }
        return object;
    }

    private ArrayNode array(Trail trail, SourceMap at, int depth) throws IOException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String index = String.valueOf(array.size());
            array.add(value(trail.to(index), at.child(index, place()), depth + 1));
        }
        return array;
    }

    private JsonNode scalar(Trail trail) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    default -> NODES.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> {
                double number = parser.getDoubleValue();
                if (!Double.isFinite(number)) report(trail, place(), "'" + parser.getText() + "' is no JSON number");
                yield NODES.numberNode(number);
            }
            default -> {
                report(trail, place(), "binary data are not part of JSON; write them as text");
                yield NODES.nullNode();
            }
        };
    }

    private JsonNode aliased(Trail trail, String name) throws IOException {
        Anchor anchor = anchors.get(name);
        if (anchor == null) {
            report(trail, place(), "the alias *" + name + " has no anchor &" + name + " that ends before it");
            return NODES.nullNode();
        }
        aliased += anchor.size();
        values += anchor.size();
        if (aliased <= ALIASED_MAX) return anchor.value().deepCopy();
        throw new JsonParseException(
                parser, "the aliases of this document stand for more than " + ALIASED_MAX + " values");
    }

    private void report(Trail trail, SourceMap.Place at, String message) {
        findings.add(new Finding(trail.toString(), message, false, at.line(), at.column()));
    }

    private SourceMap.Place place() {
        return place(parser.currentTokenLocation());
    }

    private static SourceMap.Place place(JsonLocation at) {
        return new SourceMap.Place(Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
    }
}

package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Value;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes the secrets that a function got out of what it answers, so that none comes into a history: {@code ***} stands
 * in their place. Found are the text itself and what calls make of it: escaped in JSON, encoded for an address, and in
 * base 64.
 */
public final class Redaction {
    /** For a task without secrets: gives back what it gets. */
    public static final Redaction NONE = new Redaction(Optional.empty());

    private static final String STARS = "***";

    /** 4: to replace each {@code a} would damage an answer, and whoever may read it guesses such a text at once. */
    private static final int CHARACTERS_MIN = 4;

    private final Optional<Pattern> secrets;

    private Redaction(Optional<Pattern> secrets) {
        this.secrets = secrets;
    }

    static Redaction of(Collection<String> secrets) {
        // The longest first: one secret may be the beginning of another.
        var texts =
                new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(s -> s));
        for (String secret : secrets) {
            if (secret.length() >= CHARACTERS_MIN) add(secret, texts);
        }
        if (texts.isEmpty()) return NONE;
        return new Redaction(
                Optional.of(Pattern.compile(texts.stream().map(Pattern::quote).collect(Collectors.joining("|")))));
    }

    private static void add(String secret, Collection<String> texts) {
        texts.add(secret);
        String quoted = Json.text(TextNode.valueOf(secret));
        texts.add(quoted.substring(1, quoted.length() - 1));
        String encoded = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        texts.add(encoded);
        texts.add(encoded.replace("+", "%20"));
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        texts.add(Base64.getEncoder().encodeToString(bytes));
        texts.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    public String text(String text) {
        return secrets.map(pattern -> pattern.matcher(text).replaceAll(STARS)).orElse(text);
    }

    /** The event without secrets in what the function answered. */
    public Event event(Event event) {
        if (secrets.isEmpty()) return event;
        return switch (event) {
            case Event.StepSucceeded e ->
                new Event.StepSucceeded(
                        e.step(), e.attempt(), Value.of(tree(e.output().tree())), e.usage(), e.startedAt(), e.at());
            case Event.StepFailed e ->
                new Event.StepFailed(
                        e.step(),
                        e.attempt(),
                        Problem.fromJson(tree(e.problem().toJson())),
                        e.usage(),
                        e.startedAt(),
                        e.at());
            default -> event;
        };
    }

    JsonNode tree(JsonNode node) {
        if (node.isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            node.properties().forEach(member -> object.set(text(member.getKey()), tree(member.getValue())));
            return object;
        }
        if (node.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode(node.size());
            node.forEach(item -> array.add(tree(item)));
            return array;
        }
        if (!node.isTextual() && !node.isNumber()) return node;
        String before = node.asText();
        String after = text(before);
        return after.equals(before) ? node : TextNode.valueOf(after);
    }
}

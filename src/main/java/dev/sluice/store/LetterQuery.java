package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.DeadLetter.Kind;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which dead letters are meant. Every member may be empty, for any.
 *
 * @param workflow a name, alone or as {@code namespace.name}
 * @param code one of Sluice's own, or the type of a function's problem
 * @param from the earliest time at which it was written, itself included; @param until the first that is too late
 */
public record LetterQuery(
        Optional<Kind> kind,
        String workflow,
        String function,
        String code,
        String tenant,
        Optional<Instant> from,
        Optional<Instant> until) {
    public static final LetterQuery ANY =
            new LetterQuery(Optional.empty(), "", "", "", "", Optional.empty(), Optional.empty());

    public LetterQuery ofKind(Kind only) {
        return new LetterQuery(Optional.of(only), workflow, function, code, tenant, from, until);
    }

    /** Those of them that were written before {@code time}. */
    public LetterQuery before(Instant time) {
        Instant end = until.filter(time::isAfter).orElse(time);
        return new LetterQuery(kind, workflow, function, code, tenant, from, Optional.of(end));
    }

    boolean matches(DeadLetter letter) {
        return kind.map(k -> k == letter.kind()).orElse(true)
                && (isAny(workflow, letter.workflow()) || workflow.equals(letter.qualifiedName()))
                && isAny(function, letter.function())
                && isAny(code, DeadLetter.code(letter.problem()))
                && isAny(tenant, letter.tenant())
                && !from.filter(letter.at()::isBefore).isPresent()
                && !until.filter(end -> !letter.at().isBefore(end)).isPresent();
    }

    private static boolean isAny(String wanted, String value) {
        return wanted.isEmpty() || wanted.equals(value);
    }

    /** What the index can be asked for, by the name of the facet. */
    Map<String, String> facets() {
        var facets = new LinkedHashMap<String, String>();
        kind.ifPresent(k -> facets.put("kind", k.word()));
        facets.put("workflow", workflow);
        facets.put("function", function);
        facets.put("code", code);
        facets.put("tenant", tenant);
        facets.values().removeIf(String::isEmpty);
        return facets;
    }

    /** Members as in a filter of the API; those that are empty are left out. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        facets().forEach(json::put);
        from.ifPresent(at -> json.put("from", at.toString()));
        until.ifPresent(at -> json.put("until", at.toString()));
        return json;
    }

    /**
     * Reads what {@link #toJson} writes.
     *
     * @throws IllegalArgumentException when the kind is none
     * @throws java.time.format.DateTimeParseException when a time is none
     */
    public static LetterQuery of(JsonNode json) {
        String kind = json.path("kind").asText();
        return new LetterQuery(
                kind.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Kind.of(kind)
                                .orElseThrow(() -> new IllegalArgumentException("'" + kind
                                        + "' is not a kind of dead letter; there are step, poison and entry"))),
                json.path("workflow").asText(),
                json.path("function").asText(),
                json.path("code").asText(),
                json.path("tenant").asText(),
                time(json.path("from")),
                time(json.path("until")));
    }

    private static Optional<Instant> time(JsonNode text) {
        return text.asText().isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text.asText()));
    }
}

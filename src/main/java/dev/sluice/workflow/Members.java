package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Mistake.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Members that no schema describes. */
final class Members {
    /** 12: more names than that do not help to find the right one. */
    private static final int NAMED_MAX = 12;

    /** Title of a subschema to members that DSL 1.0.2 and 1.0.3 added to it. */
    private static final Map<String, Set<String>> NEWER = Map.of(
            "Container", Set.of("stdin", "arguments", "pullPolicy"),
            "Script", Set.of("stdin"),
            "Shell", Set.of("stdin"));

    private Members() {}

    static boolean isNewer(JsonNode schema, String name) {
        return NEWER.getOrDefault(schema.path("title").asText(), Set.of()).contains(name);
    }

    /** Adds to {@code verdict} every member of {@code value} that is not known; a misspelt one is not missing, too. */
    static Verdict refuseUnknown(Verdict verdict, JsonNode value, Trail at) {
        Set<String> known = verdict.known();
        var free = new TreeSet<>(known);
        free.removeIf(value::has);
        for (var names = value.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (known.contains(name)) continue;
            if (verdict.excluded().contains(name)) {
                String message = "'" + name + "' cannot stand beside the other members; one of them has to go";
                verdict.add(Mistake.of(at.to(name), Kind.UNKNOWN, message));
                continue;
            }
            Optional<String> meant = Nearest.to(name, free);
            meant.ifPresent(m -> verdict.mistakes()
                    .removeIf(other -> other.kind() == Kind.MISSING
                            && other.at() == at
                            && other.names().contains(m)));
            verdict.add(Mistake.of(at.to(name), Kind.UNKNOWN, message(name, meant, free)));
        }
        return verdict.open();
    }

    /**
     * Finds the members of {@code object} that are not among {@code known}.
     *
     * @return the known ones that were meant by them
     */
    static Set<String> findUnknown(JsonNode object, Set<String> known, Findings findings, String pointer) {
        var free = new TreeSet<>(known);
        free.removeIf(object::has);
        var all = new TreeSet<String>();
        object.fieldNames().forEachRemaining(name -> {
            if (known.contains(name)) return;
            Optional<String> meant = Nearest.to(name, free);
            meant.ifPresent(all::add);
            findings.add(pointer + "/" + Pointers.escape(name), message(name, meant, free));
        });
        return all;
    }

    private static String message(String name, Optional<String> meant, Set<String> free) {
        String message = "'" + name + "' is not a member here";
        if (meant.isPresent()) return message + "; did you mean '" + meant.get() + "'?";
        if (free.isEmpty() || free.size() > NAMED_MAX) return message;
        return message + "; there " + (free.size() == 1 ? "is " : "are ") + String.join(", ", List.copyOf(free));
    }
}

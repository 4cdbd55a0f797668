package dev.sluice.queue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dead letters of entries that cannot be processed, and how all dead letters are filed. */
public final class Burial {
    /** 200 characters: a facet is part of a sorted set's members, and the record has the whole text. */
    private static final int FACET_CHARACTERS_MAX = 200;

    private static final Pattern CODED = Pattern.compile("(SL\\d{4}) .*", Pattern.DOTALL);

    private Burial() {}

    /** What letters are found by, as the index has it. @param name {@code kind workflow function code tenant} */
    public static String facet(String name, String value) {
        String line = value.replace('\n', ' ');
        return name + "\n" + (line.length() <= FACET_CHARACTERS_MAX ? line : line.substring(0, FACET_CHARACTERS_MAX));
    }

    /** The facet that every letter has. */
    public static String all() {
        return facet("all", "");
    }

    /**
     * The beginning of every record: {@code at} and {@code facets}.
     *
     * @param values of the facets by name; those that are empty are left out
     */
    public static ObjectNode record(Instant at, Map<String, String> values) {
        ObjectNode record = JsonNodeFactory.instance.objectNode().put("at", at.toEpochMilli());
        ArrayNode facets = record.putArray("facets").add(all());
        values.forEach((name, value) -> {
            if (!value.isEmpty()) facets.add(facet(name, value));
        });
        return record;
    }

    /**
     * Moves an entry to the dead letters, under an id that follows from its place.
     *
     * @param group whose pending entry it is; empty: none
     * @param function whose lane the stream is; empty: it is no lane
     * @param reason a sentence; one that begins with a code is filed under it, others under SL2044
     * @return the call of {@code bury.lua}
     */
    public static RedisLink.Call call(
            Partition p, String stream, String function, String group, String entryId, String reason, Instant at) {
        Matcher coded = CODED.matcher(reason);
        Problem problem = Problem.of(coded.matches() ? code(coded.group(1)) : Code.SL2044, reason);
        ObjectNode record = record(at, Map.of("kind", "entry", "function", function, "code", problem.code()));
        record.put("kind", "entry").put("function", function).put("stream", stream);
        record.set("problem", problem.toJson());
        return new RedisLink.Call(
                List.of(stream, Keys.deadLetters(p), Keys.deadIndex(p), Keys.deadCounts(p)),
                List.of(group, entryId, RunId.forKey(p, stream, entryId), record.toString()));
    }

    private static Code code(String name) {
        try {
            return Code.valueOf(name);
        } catch (IllegalArgumentException e) {
            return Code.SL2044;
        }
    }
}

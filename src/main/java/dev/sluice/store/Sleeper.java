package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A run that nothing seems to wake.
 *
 * @param missing what, and for which step
 * @param since when it was first seen
 * @param looks how often it was seen with the same thing missing; from the second on it is a finding, because the first
 *     may have fallen between two writes
 * @param repairs how often it was asked to make anew what wakes it
 */
public record Sleeper(String run, Missing missing, Instant since, Instant lookedAt, int looks, int repairs) {
    /**
     * @param step key of the visit; empty: the run as a whole
     * @param what is missing, in words
     * @param kind what can be done about it
     */
    public record Missing(String step, String what, Kind kind) {}

    public enum Kind {
        /** The run can make it anew. */
        REPAIRABLE,
        /** A person has to look: the run or its workflow is damaged. */
        DAMAGED,
        /** Nothing is missing, but only a function can wake it, and it may stay silent for ever. */
        OPEN_ENDED
    }

    public boolean isConfirmed() {
        return looks >= 2;
    }

    /** The same thing seen once more, or another one for the first time. */
    Sleeper again(Missing now, Instant at) {
        return now.equals(missing)
                ? new Sleeper(run, missing, since, at, looks + 1, repairs)
                : new Sleeper(run, now, at, at, 1, repairs);
    }

    Sleeper repaired() {
        return new Sleeper(run, missing, since, lookedAt, looks, repairs + 1);
    }

    String encode() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", missing.step())
                .put("what", missing.what())
                .put("kind", missing.kind().name())
                .put("since", since.toEpochMilli())
                .put("at", lookedAt.toEpochMilli())
                .put("looks", looks)
                .put("repairs", repairs);
        return Json.text(json);
    }

    static Sleeper decode(String run, String text) {
        JsonNode json = Json.tree(text);
        var missing = new Missing(
                json.path("step").asText(),
                json.path("what").asText(),
                Kind.valueOf(json.path("kind").asText()));
        return new Sleeper(
                run,
                missing,
                Instant.ofEpochMilli(json.path("since").asLong()),
                Instant.ofEpochMilli(json.path("at").asLong()),
                json.path("looks").asInt(),
                json.path("repairs").asInt());
    }
}

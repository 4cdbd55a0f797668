package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Value;

/**
 * What a run wants of others, on its way to them. Carried out at least once; each kind does no harm when it is carried
 * out again.
 *
 * @param attributes what is to be done with whom
 * @param data a CloudEvent, an input, an output or a problem
 */
public record OutboxEntry(Kind kind, ObjectNode attributes, Value data) {

    /** Stored in Redis: these may not get other names. */
    public enum Kind {
        /** Publish {@code data}, a CloudEvent, to those who listen and to the sink outside. */
        EMIT,
        /** Publish {@code data} to the sink outside alone. */
        TELL,
        /** Start a run: {@code step attempt namespace name version await}; {@code data} is its input. */
        START,
        /** End the run that {@code step} and {@code attempt} started: {@code policy}. */
        END,
        /** Tell {@code run}, which waits with {@code step} and {@code attempt}, how this run ended: {@code failed}. */
        ENDED,
        /** The run, whose workflow has {@code schedule.after}, has ended {@code at} (ms since 1970). */
        AGAIN
    }

    public static OutboxEntry emit(JsonNode event) {
        return new OutboxEntry(Kind.EMIT, JsonNodeFactory.instance.objectNode(), Value.of(event));
    }

    public static OutboxEntry tell(JsonNode event) {
        return new OutboxEntry(Kind.TELL, JsonNodeFactory.instance.objectNode(), Value.of(event));
    }
}

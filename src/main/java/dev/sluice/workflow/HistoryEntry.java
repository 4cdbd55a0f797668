package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Instant;

/**
 * One line of a run's history. The order of entries is the order in which the machine decided.
 *
 * @param step JSON pointer; empty for what concerns the run as a whole
 * @param attempt counted from 1; 0 where no attempt is meant
 * @param startedAt when the attempt was sent to the function; {@code at} where nothing has a duration
 * @param data the output of a success, the problem of a failure (RFC 9457), else null
 */
public record HistoryEntry(
        Instant at, Kind kind, String step, int attempt, Instant startedAt, Usage usage, JsonNode data) {

    /** Past tense, like the events they come from. */
    public enum Kind {
        RUN_STARTED,
        STEP_ENTERED,
        STEP_SKIPPED,
        TASK_QUEUED,
        ATTEMPT_FAILED,
        STEP_SUCCEEDED,
        STEP_FAILED,
        STEP_CANCELLED,
        RUN_SUCCEEDED,
        RUN_FAILED
    }

    static HistoryEntry of(Instant at, Kind kind, String step) {
        return new HistoryEntry(at, kind, step, 0, at, Usage.NONE, NullNode.instance);
    }

    HistoryEntry attempt(int number) {
        return new HistoryEntry(at, kind, step, number, startedAt, usage, data);
    }

    HistoryEntry ran(Instant since, Usage used) {
        return new HistoryEntry(at, kind, step, attempt, since, used, data);
    }

    HistoryEntry with(JsonNode content) {
        return new HistoryEntry(at, kind, step, attempt, startedAt, usage, content);
    }
}

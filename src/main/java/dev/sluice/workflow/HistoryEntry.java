package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * One line of a run's history. The order of entries is the order in which the machine decided.
 *
 * @param step key of the visit ({@link Visit#key}); empty for what concerns the run as a whole
 * @param attempt counted from 1; 0 where no attempt is meant
 * @param startedAt when the attempt was sent to the function; {@code at} where nothing has a duration
 * @param data the output of a success, the problem of a failure (RFC 9457), the event that came or went, else null
 */
public record HistoryEntry(
        Instant at, Kind kind, String step, int attempt, Instant startedAt, Usage usage, Value data) {

    /** Past tense, like the events they come from. */
    public enum Kind {
        RUN_STARTED,
        STEP_ENTERED,
        STEP_SKIPPED,
        TASK_QUEUED,
        ATTEMPT_FAILED,
        STEP_DEFERRED,
        /** Data: {@code {"until": time}}. */
        TIMER_SET,
        LISTENING,
        EVENT_RECEIVED,
        EVENT_EMITTED,
        CHILD_STARTED,
        /** A {@code try} begins again after a wait. Data: the error. */
        TRY_RETRIED,
        /** Data: the error. */
        ERROR_CAUGHT,
        STEP_SUCCEEDED,
        STEP_FAILED,
        STEP_CANCELLED,
        RUN_PAUSED,
        RUN_RESUMED,
        /** By a person, from where it had failed. */
        RUN_RETRIED,
        /** By a person, to an earlier step: {@code step} is that one. */
        RUN_RESET,
        /** From another run: data tells which. */
        RUN_FORKED,
        RUN_MOVED,
        /** A person has dropped the run's dead letter; it stays failed. Data: {@code {"reason": text}}. */
        RUN_DROPPED,
        RUN_CANCELLING,
        RUN_CANCELLED,
        RUN_SUCCEEDED,
        RUN_FAILED
    }

    /** Whether it tells of a step's visit: not of the run, nor of a step that was left out. */
    public boolean isOfVisit() {
        return !step.isEmpty() && kind != Kind.STEP_SKIPPED && !kind.name().startsWith("RUN_");
    }

    static HistoryEntry of(Instant at, Kind kind, String step) {
        return new HistoryEntry(at, kind, step, 0, at, Usage.NONE, Value.NULL);
    }

    HistoryEntry attempt(int number) {
        return new HistoryEntry(at, kind, step, number, startedAt, usage, data);
    }

    HistoryEntry ran(Instant since, Usage used) {
        return new HistoryEntry(at, kind, step, attempt, since, used, data);
    }

    HistoryEntry with(Value content) {
        return new HistoryEntry(at, kind, step, attempt, startedAt, usage, content);
    }

    HistoryEntry with(JsonNode content) {
        return with(Value.of(content));
    }
}

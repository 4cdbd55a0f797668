package dev.sluice.store;

import dev.sluice.workflow.Effect;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Run;
import java.util.List;
import java.util.Optional;

/**
 * The events that one run took in together, and what they led to.
 *
 * @param after the same instance as {@code before} when nothing changed
 * @param entries inbox entries that the commit removes
 * @param outbox what others are to do, beside what the effects say
 * @param letter that is written because the run has failed; the letter of a run that goes on is removed in any case
 */
public record Commit(
        Run before,
        Run after,
        List<Effect> effects,
        List<HistoryEntry> history,
        List<Taken> entries,
        List<OutboxEntry> outbox,
        Optional<DeadLetter> letter) {

    /** Without a dead letter. */
    public Commit(
            Run before,
            Run after,
            List<Effect> effects,
            List<HistoryEntry> history,
            List<Taken> entries,
            List<OutboxEntry> outbox) {
        this(before, after, effects, history, entries, outbox, Optional.empty());
    }

    /**
     * @param entryId Redis' id in the inbox
     * @param event as it stands there; @param data the same
     * @param fate what becomes of it
     */
    public record Taken(String entryId, String event, String data, Fate fate) {
        /** As it stands in the transcript and among the events held back: no event has a line feed in its text. */
        String line() {
            return event + "\n" + data;
        }
    }

    public enum Fate {
        /** It changed the run: kept in the transcript, so that the run can be taken back to any moment. */
        RECORDED,
        /** It changed nothing. */
        DROPPED,
        /** It waits until the run is resumed. */
        HELD
    }

    /** What became of a commit. */
    public enum Outcome {
        COMMITTED,
        /** Another owner had taken the events in before. */
        TAKEN_BEFORE,
        /** The run has changed since it was read; nothing was written. */
        STALE,
        /** The partition has another owner by now; nothing was written. */
        FENCED
    }
}

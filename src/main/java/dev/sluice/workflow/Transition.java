package dev.sluice.workflow;

import java.util.List;

/**
 * What one event led to.
 *
 * @param run the run after the event; the same instance when the event changed nothing
 * @param effects what must be done in the commit that stores {@code run}, in order
 * @param history what to append to the run's history, in order
 */
public record Transition(Run run, List<Effect> effects, List<HistoryEntry> history) {
    static Transition nothing(Run run) {
        return new Transition(run, List.of(), List.of());
    }
}

package dev.sluice.workflow;

import java.util.List;
import java.util.Optional;

/**
 * Which events a {@code listen} or a schedule waits for.
 *
 * @param filters an empty list with {@code ANY} takes every event
 * @param until with {@code ANY}: after each event, whether to stop; evaluated on the array of those so far
 * @param stop with {@code ANY}: the events that stop it
 */
public record Consumption(Mode mode, List<EventFilter> filters, Optional<Template> until, Optional<Consumption> stop) {
    public enum Mode {
        ONE,
        ANY,
        ALL
    }

    /** More than one event may be taken before it ends. */
    boolean goesOn() {
        return mode == Mode.ANY && (until.isPresent() || stop.isPresent());
    }
}

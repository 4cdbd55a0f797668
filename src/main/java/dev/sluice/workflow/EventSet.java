package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Events that a schedule has collected for one run to come.
 *
 * @param matched indices of the filters of {@code all} that have had their event
 * @param stopped the same for the filters under {@code until}
 * @param names source and id of each event, one text each
 * @param events whole envelopes, in the order of their arrival
 */
public record EventSet(List<Integer> matched, List<Integer> stopped, List<String> names, List<JsonNode> events) {
    static final EventSet NONE = new EventSet(List.of(), List.of(), List.of(), List.of());

    EventSet with(int filter, String name, JsonNode event) {
        return new EventSet(added(matched, filter), stopped, added(names, name), added(events, event));
    }

    EventSet stoppedBy(int filter) {
        return new EventSet(matched, stopped.contains(filter) ? stopped : added(stopped, filter), names, events);
    }

    private static <T> List<T> added(List<T> list, T one) {
        var all = new ArrayList<>(list);
        all.add(one);
        return List.copyOf(all);
    }
}

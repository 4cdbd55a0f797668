package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Consumption.Mode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code schedule.on} makes of an event: a run at once, or a set of events that becomes one when it is complete.
 * With {@code all}, an event goes to the oldest set that has none of its filter yet: first come, first served. Events
 * whose correlation values differ never meet.
 */
public final class Collecting {
    /** 1,000 events that wait for others with the same correlation values: more means that the others never come. */
    public static final int EVENTS_MAX = 1_000;

    private final Consumption on;
    private final Scopes scopes;

    /** @param at what {@code now} gives in filters */
    public Collecting(Consumption on, Instant at) {
        this.on = on;
        this.scopes = Scopes.at(at);
    }

    /** False when every event that passes starts a run by itself. */
    public static boolean collects(Consumption on) {
        return on.mode() == Mode.ALL || on.goesOn();
    }

    /**
     * The correlation values of an event, as JSON text; what has the same values belongs together. Empty when the event
     * passes no filter.
     */
    public Optional<String> group(JsonNode event) {
        Optional<String> stopping = on.stop().flatMap(stop -> group(stop, event));
        return stopping.isPresent() ? stopping : group(on, event);
    }

    private Optional<String> group(Consumption consumption, JsonNode event) {
        if (consumption.filters().isEmpty()) return Optional.of("{}");
        return consumption.filters().stream()
                .map(filter -> correlated(filter, event))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Empty when the event is not one of the filter's. */
    private Optional<String> correlated(EventFilter filter, JsonNode event) {
        JsonNode none = JsonNodeFactory.instance.nullNode();
        if (!filter.matches(event, scopes, none)) return Optional.empty();
        Optional<Map<String, JsonNode>> values = filter.values(event, scopes);
        if (values.isEmpty()) return Optional.empty();
        ObjectNode group = JsonNodeFactory.instance.objectNode();
        for (var value : values.get().entrySet()) {
            Optional<Template> expect =
                    filter.correlations().get(value.getKey()).expect();
            JsonNode actual = Topic.plain(value.getValue());
            boolean fits = !actual.isNull()
                    && (expect.isEmpty()
                            || Topic.plain(expect.get().evaluate(scopes, none)).equals(actual));
            if (!fits) return Optional.empty();
            group.set(value.getKey(), actual);
        }
        return Optional.of(group.toString());
    }

    /**
     * @param open the sets of the event's group afterwards, the oldest first
     * @param complete the set that is a run now
     * @param taken false when too many events wait already
     */
    public record Taken(List<EventSet> open, Optional<EventSet> complete, boolean taken) {}

    /**
     * @param open the sets of the event's group, the oldest first
     * @param name source and id of the event
     */
    public Taken take(List<EventSet> open, String name, JsonNode event) {
        int waiting = open.stream().mapToInt(set -> set.events().size()).sum();
        return on.mode() == Mode.ALL ? all(open, name, event, waiting) : until(open, name, event, waiting);
    }

    private Taken all(List<EventSet> open, String name, JsonNode event, int waiting) {
        var sets = new ArrayList<>(open);
        sets.add(EventSet.NONE);
        for (int s = 0; s < sets.size(); s++) {
            Optional<Integer> filter = filter(on, sets.get(s).matched(), event);
            if (filter.isEmpty()) continue;
            EventSet set = sets.get(s).with(filter.get(), name, event);
            if (set.matched().size() == on.filters().size()) {
                sets.remove(s);
                sets.remove(EventSet.NONE);
                return new Taken(List.copyOf(sets), Optional.of(set), true);
            }
            if (waiting >= EVENTS_MAX) return new Taken(open, Optional.empty(), false);
            sets.set(s, set);
            sets.remove(EventSet.NONE);
            return new Taken(List.copyOf(sets), Optional.empty(), true);
        }
        return new Taken(open, Optional.empty(), true);
    }

    private Taken until(List<EventSet> open, String name, JsonNode event, int waiting) {
        EventSet set = open.isEmpty() ? EventSet.NONE : open.getFirst();
        Optional<Integer> stop = on.stop().flatMap(s -> filter(s, List.of(), event));
        if (stop.isPresent()) {
            // Without an event before it there is nothing to start a run with.
            if (set.events().isEmpty()) return new Taken(open, Optional.empty(), true);
            EventSet stopped = set.stoppedBy(stop.get());
            Consumption by = on.stop().get();
            boolean ends = by.mode() != Mode.ALL
                    || stopped.stopped().size() == by.filters().size();
            return ends
                    ? new Taken(List.of(), Optional.of(stopped), true)
                    : new Taken(List.of(stopped), Optional.empty(), true);
        }
        if (filter(on, List.of(), event).isEmpty()) return new Taken(open, Optional.empty(), true);
        EventSet more = set.with(0, name, event);
        if (on.until().isPresent() && on.until().get().test(scopes, array(more))) {
            return new Taken(List.of(), Optional.of(more), true);
        }
        if (waiting >= EVENTS_MAX) return new Taken(open, Optional.empty(), false);
        return new Taken(List.of(more), Optional.empty(), true);
    }

    /** The input of a run that these events start. */
    public static ArrayNode array(EventSet set) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        set.events().forEach(array::add);
        return array;
    }

    /**
     * Index of the first filter that the event passes and that is not in {@code had}; 0 where there is none to pass.
     */
    private Optional<Integer> filter(Consumption consumption, List<Integer> had, JsonNode event) {
        if (consumption.filters().isEmpty()) return Optional.of(0);
        for (int i = 0; i < consumption.filters().size(); i++) {
            if (!had.contains(i)
                    && correlated(consumption.filters().get(i), event).isPresent()) return Optional.of(i);
        }
        return Optional.empty();
    }
}

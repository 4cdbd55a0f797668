package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.workflow.Consumption;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.EventFilter;
import dev.sluice.workflow.Schedule;
import dev.sluice.workflow.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Starts runs by {@code schedule.on}: with {@code one} and {@code any}, each event that fits starts one; with
 * {@code all}, a run starts when each filter has had its event, all with the same correlation values. The input is the
 * array of the events.
 */
final class Triggers {
    /** Events for {@code all} that wait for the others. @param events by the index of their filter */
    private record Together(String revision, Map<String, JsonNode> correlations, Map<Integer, JsonNode> events) {}

    private final World world;
    private final List<Together> open = new ArrayList<>();

    Triggers(World world) {
        this.world = world;
    }

    void offer(JsonNode event) {
        for (Definition definition : world.shelf.newest()) {
            definition.schedule().flatMap(Schedule::on).ifPresent(on -> offer(definition, on, event));
        }
    }

    private void offer(Definition definition, Consumption on, JsonNode event) {
        if (on.mode() != Consumption.Mode.ALL) {
            boolean fits = on.filters().isEmpty() || on.filters().stream().anyMatch(filter -> matches(filter, event));
            if (fits) start(definition, List.of(event));
            return;
        }
        for (int i = 0; i < on.filters().size(); i++) {
            EventFilter filter = on.filters().get(i);
            Optional<Map<String, JsonNode>> values = filter.values(event, Scopes.at(world.time.now()));
            if (matches(filter, event) && values.isPresent() && collect(definition, on, i, values.get(), event)) return;
        }
    }

    private boolean matches(EventFilter filter, JsonNode event) {
        Scopes scopes = Scopes.at(world.time.now());
        if (!filter.matches(event, scopes, NullNode.instance)) return false;
        Optional<Map<String, JsonNode>> values = filter.values(event, scopes);
        return values.isPresent()
                && filter.correlations().entrySet().stream().allMatch(correlation -> {
                    JsonNode value = values.get().get(correlation.getKey());
                    return !value.isNull()
                            && correlation
                                    .getValue()
                                    .expect()
                                    .map(expect -> Json.same(expect.evaluate(scopes, event), value))
                                    .orElse(true);
                });
    }

    /** @return whether the event found its place */
    private boolean collect(
            Definition definition, Consumption on, int index, Map<String, JsonNode> values, JsonNode event) {
        for (Together set : open) {
            boolean free = set.revision().equals(definition.revision())
                    && !set.events().containsKey(index)
                    && values.entrySet().stream()
                            .allMatch(v ->
                                    Json.same(set.correlations().getOrDefault(v.getKey(), v.getValue()), v.getValue()));
            if (!free) continue;
            set.events().put(index, event);
            set.correlations().putAll(values);
            complete(definition, on, set);
            return true;
        }
        var set = new Together(definition.revision(), new TreeMap<>(values), new TreeMap<>(Map.of(index, event)));
        open.add(set);
        complete(definition, on, set);
        return true;
    }

    private void complete(Definition definition, Consumption on, Together set) {
        if (set.events().size() < on.filters().size()) return;
        open.remove(set);
        start(definition, List.copyOf(set.events().values()));
    }

    private void start(Definition definition, List<JsonNode> events) {
        ArrayNode input = JsonNodeFactory.instance.arrayNode();
        events.forEach(input::add);
        world.start(definition, input, null);
    }
}

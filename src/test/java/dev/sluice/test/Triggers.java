package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Collecting;
import dev.sluice.workflow.Consumption;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.EventSet;
import dev.sluice.workflow.Schedule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts runs by {@code schedule.on}, as {@link Collecting} decides; their input is the array of the events. */
final class Triggers {
    /** @param group correlation values that these events share */
    private record Group(String revision, String group) {}

    private final World world;
    private final Map<Group, List<EventSet>> open = new HashMap<>();

    Triggers(World world) {
        this.world = world;
    }

    void offer(JsonNode event) {
        for (Definition definition : world.shelf.newest()) {
            definition.schedule().flatMap(Schedule::on).ifPresent(on -> offer(definition, on, event));
        }
    }

    private void offer(Definition definition, Consumption on, JsonNode event) {
        var collecting = new Collecting(on, world.time.now());
        Optional<String> values = collecting.group(event);
        if (values.isEmpty()) return;
        if (!Collecting.collects(on)) {
            world.start(definition, JsonNodeFactory.instance.arrayNode().add(event), null);
            return;
        }
        var group = new Group(definition.revision(), values.get());
        String name = event.path("source").asText() + "\n" + event.path("id").asText();
        Collecting.Taken taken = collecting.take(open.getOrDefault(group, List.of()), name, event);
        open.put(group, taken.open());
        taken.complete().ifPresent(set -> world.start(definition, Collecting.array(set), null));
    }
}

package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Scopes;
import dev.sluice.workflow.Template;
import dev.sluice.workflow.Topic;
import dev.sluice.workflow.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings events to the runs that listen, by topic, and to the workflows that they start. */
final class Routing {
    /** @param by null: somebody outside */
    record Published(JsonNode event, LiveRun by) {}

    private record Place(LiveRun run, String step) {}

    private final World world;
    private final Map<Topic, Set<Place>> subscriptions = new LinkedHashMap<>();
    private final Triggers triggers;
    final List<Published> published = new ArrayList<>();

    Routing(World world) {
        this.world = world;
        this.triggers = new Triggers(world);
    }

    void subscribe(LiveRun run, String step, List<Topic> topics) {
        for (Topic topic : topics) {
            subscriptions.computeIfAbsent(topic, t -> new LinkedHashSet<>()).add(new Place(run, step));
        }
    }

    void unsubscribe(LiveRun run, String step, List<Topic> topics) {
        for (Topic topic : topics) {
            Set<Place> places = subscriptions.get(topic);
            if (places == null) continue;
            places.removeIf(place -> place.run() == run && place.step().equals(step));
            if (places.isEmpty()) subscriptions.remove(topic);
        }
    }

    /** A CloudEvent with what it lacks of the required attributes. */
    ObjectNode complete(JsonNode event) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.put("specversion", "1.0")
                .put("id", "event-" + (published.size() + 1))
                .put("source", "/test");
        whole.put("type", "test").put("time", world.time.now().toString());
        event.properties().forEach(m -> whole.set(m.getKey(), m.getValue()));
        if (whole.has("data") && !whole.has("datacontenttype")) whole.put("datacontenttype", "application/json");
        return whole;
    }

    ObjectNode event(String type, JsonNode data) {
        ObjectNode event = JsonNodeFactory.instance.objectNode().put("type", type);
        event.set("data", data);
        return complete(event);
    }

    /** @param by null: somebody outside */
    void publish(JsonNode event, LiveRun by) {
        published.add(new Published(event, by));
        var listening = new LinkedHashSet<LiveRun>();
        String type = event.path("type").asText();
        subscriptions.forEach((topic, places) -> {
            boolean sameType =
                    topic.type().equals(Topic.ANY_TYPE) || topic.type().equals(type);
            if (sameType && fits(topic, event)) places.forEach(place -> listening.add(place.run()));
        });
        listening.forEach(run -> world.post(run, new Event.EventArrived(Value.of(event), false, "", world.time.now())));
        triggers.offer(event);
    }

    /** Whether the event has the correlation values of the topic. */
    private boolean fits(Topic topic, JsonNode event) {
        if (topic.from().isEmpty()) return true;
        var values = new ArrayList<JsonNode>();
        for (JsonNode expression : Json.json(topic.from())) {
            Optional<JsonNode> value = value(expression.textValue(), event);
            if (value.isEmpty()) return false;
            values.add(value.get());
        }
        return Topic.of(topic.type(), topic.from(), values).equals(topic);
    }

    private Optional<JsonNode> value(String expression, JsonNode event) {
        try {
            return Optional.of(
                    Template.ofExpression(expression, "correlate").evaluate(Scopes.at(world.time.now()), event));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }
}

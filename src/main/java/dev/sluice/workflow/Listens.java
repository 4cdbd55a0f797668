package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Consumption.Mode;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Listening;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Steps that wait for events: which they take, and what becomes of them. */
final class Listens {
    private final Work work;

    Listens(Work work) {
        this.work = work;
    }

    void begin(String key, Node.Listen listen, Visit visit, Scopes scopes) {
        Value none = Value.of(JsonNodeFactory.instance.arrayNode());
        List<Topic> topics = topics(listen.to(), visit, scopes);
        var state = new Listening(visit, none, List.of(), List.of(), Map.of(), none, none, topics, false, false);
        work.steps.put(key, state);
        work.effect(new Effect.Subscribe(key, topics));
        work.note(Kind.LISTENING, key);
        ask(key, listen, visit, scopes);
        takeSignals(key);
    }

    private static List<Topic> topics(Consumption to, Visit visit, Scopes scopes) {
        var topics = new ArrayList<Topic>();
        if (to.filters().isEmpty()) topics.add(Topic.of(Topic.ANY_TYPE));
        to.filters()
                .forEach(filter -> topics.add(filter.topic(scopes, visit.input().tree())));
        to.stop().ifPresent(stop -> topics.addAll(topics(stop, visit, scopes)));
        return topics.stream().distinct().toList();
    }

    /** Makes anew what a step that waits has outside. A person is asked by the same event once more. */
    void arm(String key, Listening state) {
        work.effect(new Effect.Subscribe(key, state.topics()));
        if (state.ending()) return;
        var listen = (Node.Listen) work.node(state);
        work.attempt(key, () -> ask(key, listen, state.visit(), work.scoping.of(state.visit())));
    }

    private void ask(String key, Node.Listen listen, Visit visit, Scopes scopes) {
        if (listen.approval().isEmpty()) return;
        JsonNode request =
                listen.approval().get().evaluate(scopes, visit.input().tree());
        String answerType = answerType(listen.to());
        var approval =
                new Approval(work.before.id(), work.definition.name(), key, answerType, visit.timeoutAt(), request);
        ObjectNode event = approval.event(work.at);
        Opening.keepSecrets(event);
        work.effect(new Effect.EmitEvent(event));
        work.note(Kind.EVENT_EMITTED, key, event);
    }

    private static String answerType(Consumption to) {
        return EventFilter.types(to.filters()).stream()
                .filter(type -> !type.equals(Topic.ANY_TYPE))
                .findFirst()
                .orElse(Approval.ANSWERED);
    }

    /** Signals that came before the step listened. */
    private void takeSignals(String key) {
        for (Value signal : List.copyOf(work.signals)) {
            if (!(work.steps.get(key) instanceof Listening state) || state.ending()) return;
            if (offer(key, state, signal)) work.signals.remove(signal);
        }
    }

    /** @return false when no step took it, none failed by it, and it is not kept */
    boolean arrived(Event.EventArrived event) {
        boolean taken = false;
        for (String key : List.copyOf(work.steps.keySet())) {
            if (!event.step().isEmpty() && !event.step().equals(key)) continue;
            if (event.signal() && taken) break;
            // Taking the event, another step may have failed the run.
            boolean underWay = work.state instanceof RunState.Running || work.state instanceof RunState.Cancelling;
            if (underWay && work.steps.get(key) instanceof Listening state && !state.ending()) {
                taken |= offer(key, state, event.event());
            }
        }
        boolean kept = event.signal() && event.step().isEmpty() && !taken && work.signals.size() < Run.SIGNALS_MAX;
        if (kept) work.signals.add(event.event());
        return taken || kept || work.hasNews();
    }

    /** @return whether the step took the event */
    private boolean offer(String key, Listening state, Value event) {
        var listen = (Node.Listen) work.node(state);
        var taken = new boolean[1];
        work.attempt(key, () -> taken[0] = offer(key, listen, state, event));
        return taken[0];
    }

    private boolean offer(String key, Node.Listen listen, Listening state, Value event) {
        Scopes scopes = work.scoping.of(state.visit());
        Optional<Consumption> stop = listen.to().stop();
        if (stop.isPresent()) {
            Optional<Match> end = match(stop.get(), state.stopped(), state, event.tree(), scopes);
            if (end.isPresent()) {
                stopBy(key, state, stop.get(), end.get());
                return true;
            }
        }
        Optional<Match> match = match(listen.to(), state.matched(), state, event.tree(), scopes);
        if (match.isEmpty()) return false;
        work.note(HistoryEntry.of(work.at, Kind.EVENT_RECEIVED, key).with(event));
        take(key, listen, state, match.get(), read(listen.read(), event.tree()));
        return true;
    }

    /** @param filter index of the filter that the event passed; -1 when there is none to pass */
    private record Match(int filter, Map<String, JsonNode> correlations) {}

    private static Optional<Match> match(
            Consumption to, List<Integer> had, Listening state, JsonNode event, Scopes scopes) {
        JsonNode input = state.visit().input().tree();
        if (to.filters().isEmpty()) return Optional.of(new Match(-1, state.correlations()));
        for (int i = 0; i < to.filters().size(); i++) {
            if (to.mode() == Mode.ALL && had.contains(i)) continue;
            EventFilter filter = to.filters().get(i);
            if (!filter.matches(event, scopes, input)) continue;
            Optional<Map<String, JsonNode>> correlations = correlate(filter, state, event, scopes);
            if (correlations.isPresent()) return Optional.of(new Match(i, correlations.get()));
        }
        return Optional.empty();
    }

    /** @return the correlations with those that this event is the first to set; empty when it does not fit */
    private static Optional<Map<String, JsonNode>> correlate(
            EventFilter filter, Listening state, JsonNode event, Scopes scopes) {
        var known = new HashMap<>(state.correlations());
        Optional<Map<String, JsonNode>> values = filter.values(event, scopes);
        if (values.isEmpty()) return Optional.empty();
        for (var value : values.get().entrySet()) {
            Optional<Template> expect =
                    filter.correlations().get(value.getKey()).expect();
            JsonNode wanted = expect.isPresent()
                    ? expect.get().evaluate(scopes, state.visit().input().tree())
                    : known.getOrDefault(value.getKey(), value.getValue());
            if (value.getValue().isNull() || !Topic.plain(wanted).equals(Topic.plain(value.getValue()))) {
                return Optional.empty();
            }
            known.put(value.getKey(), value.getValue());
        }
        return Optional.of(Map.copyOf(known));
    }

    private void stopBy(String key, Listening state, Consumption stop, Match match) {
        var stopped = with(state.stopped(), match.filter());
        boolean ends =
                stop.mode() != Mode.ALL || stopped.size() == stop.filters().size();
        put(
                key,
                new Listening(
                        state.visit(),
                        state.consumed(),
                        state.matched(),
                        stopped,
                        match.correlations(),
                        state.waiting(),
                        state.outputs(),
                        state.topics(),
                        ends,
                        state.iterating()));
    }

    private void take(String key, Node.Listen listen, Listening state, Match match, JsonNode item) {
        List<Integer> matched = with(state.matched(), match.filter());
        boolean iterates = listen.foreach().isPresent();
        Value consumed = iterates ? state.consumed() : appended(state.consumed(), item);
        Value waiting = iterates ? appended(state.waiting(), item) : state.waiting();
        boolean ends =
                switch (listen.to().mode()) {
                    case ONE -> true;
                    case ALL -> matched.size() == listen.to().filters().size();
                    case ANY -> !listen.to().goesOn() || (!iterates && isEnough(listen, state, consumed));
                };
        put(
                key,
                new Listening(
                        state.visit(),
                        consumed,
                        matched,
                        state.stopped(),
                        match.correlations(),
                        waiting,
                        state.outputs(),
                        state.topics(),
                        ends,
                        state.iterating()));
    }

    private boolean isEnough(Node.Listen listen, Listening state, Value soFar) {
        return listen.to().until().isPresent()
                && listen.to().until().get().test(work.scoping.of(state.visit()), soFar.tree());
    }

    /** Stores the state and does what it asks for: the next round, or the end. */
    private void put(String key, Listening state) {
        work.steps.put(key, state);
        var listen = (Node.Listen) work.node(state);
        if (listen.foreach().isPresent()
                && !state.iterating()
                && !state.waiting().tree().isEmpty()) {
            work.steps.put(key, iterating(state, true));
            String path =
                    Opening.join(state.visit().path(), state.outputs().tree().size());
            work.enter(
                    listen.foreach().get().body(),
                    key,
                    path,
                    Value.of(state.waiting().tree().get(0)));
            return;
        }
        if (!state.ending() || state.iterating()) return;
        work.effect(new Effect.Unsubscribe(key, state.topics()));
        work.leave(key, listen.foreach().isPresent() ? state.outputs() : state.consumed());
    }

    private static Listening iterating(Listening s, boolean value) {
        return with(s, s.visit(), value);
    }

    /** The same under the name that the visit has after a reset: a person who was asked is asked anew. */
    static Listening renamed(Listening state, int resets) {
        return with(state, state.visit().renamed(resets), state.iterating());
    }

    private static Listening with(Listening s, Visit visit, boolean iterating) {
        return new Listening(
                visit,
                s.consumed(),
                s.matched(),
                s.stopped(),
                s.correlations(),
                s.waiting(),
                s.outputs(),
                s.topics(),
                s.ending(),
                iterating);
    }

    /** The steps under {@code foreach.do} have worked off one event. */
    void roundEnded(String key, Listening state, Value output) {
        var listen = (Node.Listen) work.node(state);
        Node.Foreach each = listen.foreach().orElseThrow();
        work.attempt(key, () -> {
            Scopes scopes = work.scoping
                    .variables(work.scoping.of(state.visit()), state)
                    .with("output", output);
            JsonNode made = made(each.data(), scopes, output);
            Value outputs = appended(state.outputs(), made);
            // What came while this event was worked off is not taken when this one was the last.
            boolean enough = isEnough(listen, state, outputs);
            Value waiting = enough ? Value.of(JsonNodeFactory.instance.arrayNode()) : withoutFirst(state.waiting());
            put(
                    key,
                    new Listening(
                            state.visit(),
                            state.consumed(),
                            state.matched(),
                            state.stopped(),
                            state.correlations(),
                            waiting,
                            outputs,
                            state.topics(),
                            state.ending() || enough,
                            false));
        });
    }

    private JsonNode made(Node.Data data, Scopes scopes, Value raw) {
        JsonNode made =
                data.outputAs().map(as -> as.evaluate(scopes, raw.tree())).orElse(raw.tree());
        Opening.check(data.outputSchema(), Value.of(made), "output");
        if (data.exportAs().isPresent()) {
            Value context = Value.of(data.exportAs().get().evaluate(scopes.with("output", made), made));
            Opening.check(data.exportSchema(), context, "exported context");
            work.context = context;
        }
        return made;
    }

    private static JsonNode read(Node.Read read, JsonNode event) {
        return switch (read) {
            case ENVELOPE -> event;
            case DATA -> event.has("data") ? event.get("data") : event.path("data_base64");
            case RAW ->
                JsonNodeFactory.instance.textNode(
                        event.has("data_base64")
                                ? event.get("data_base64").asText()
                                : Base64.getEncoder()
                                        .encodeToString(
                                                event.path("data").toString().getBytes(StandardCharsets.UTF_8)));
        };
    }

    private static List<Integer> with(List<Integer> had, int index) {
        var all = new ArrayList<>(had);
        if (!all.contains(index)) all.add(index);
        return List.copyOf(all);
    }

    private static Value appended(Value array, JsonNode item) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        array.tree().forEach(all::add);
        return Value.of(all.add(item.isMissingNode() ? JsonNodeFactory.instance.nullNode() : item));
    }

    private static Value withoutFirst(Value array) {
        ArrayNode rest = JsonNodeFactory.instance.arrayNode();
        for (int i = 1; i < array.tree().size(); i++) rest.add(array.tree().get(i));
        return Value.of(rest);
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One run under trial: takes events one at a time under a clock that only {@link #elapse} moves, and keeps what came of
 * them. What the run puts into its own inbox is taken in at once.
 */
final class Trial {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    static final String ID = "default.local.0-00000000000000000000000000";

    /** Waits of 1, 2, 4 … seconds, without jitter. */
    static final RetryPolicy EVEN = new RetryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    private static final DefinitionReader READER = new DefinitionReader();

    /** 10,000 events of its own: a run that goes on for longer goes on for ever. */
    private static final int OWN_EVENTS_MAX = 10_000;

    final Definition definition;
    final Machine machine;
    final Run accepted;
    final List<Event> events = new ArrayList<>();
    final List<Effect> effects = new ArrayList<>();
    final List<HistoryEntry> history = new ArrayList<>();
    final Outside outside = new Outside();
    Run run;
    Instant now = T0;

    Trial(Definition definition, Machine machine, Run accepted) {
        this.definition = definition;
        this.machine = machine;
        this.accepted = accepted;
        this.run = accepted;
    }

    static Machine machine() {
        return new Machine(EVEN, Secrets.NONE);
    }

    /** A document of the name {@code trial} with this after its {@code document} member. */
    static Definition read(String rest) {
        return READER.read(document(rest));
    }

    static String document(String rest) {
        return """
                document: { dsl: '1.0.1', namespace: test, name: trial, version: '1.0.0' }
                """ + rest;
    }

    static Run accept(Definition definition, String input) {
        return Machine.accept(definition, ID, json(input), Optional.empty(), T0);
    }

    /** Accepted, not started. */
    static Trial of(String rest, String input) {
        return of(read(rest), machine(), input);
    }

    static Trial of(Definition definition, Machine machine, String input) {
        return new Trial(definition, machine, accept(definition, input));
    }

    /** Accepted and started. */
    static Trial started(String rest, String input) {
        return of(rest, input).start();
    }

    Trial start() {
        return take(new Event.RunStarted(now));
    }

    /** Takes the event, and then what the run has sent itself. */
    Trial take(Event event) {
        takeAlone(event);
        for (int i = 0; i < OWN_EVENTS_MAX && !outside.inbox.isEmpty(); i++) takeAlone(outside.inbox.poll());
        return this;
    }

    Trial takeAlone(Event event) {
        events.add(event);
        take(event, machine.advance(definition, run, event));
        return this;
    }

    /** What somebody else had the machine decide. */
    void take(Event event, Transition transition) {
        run = transition.run();
        effects.addAll(transition.effects());
        history.addAll(transition.history());
        outside.apply(event, transition.effects());
    }

    Trial succeed(String step, int attempt, String output) {
        return take(succeeded(step, attempt, output));
    }

    Event succeeded(String step, int attempt, String output) {
        return new Event.StepSucceeded(step, attempt, Value.of(json(output)), Usage.NONE, now, now);
    }

    /** The only task there is has this result. */
    Trial succeed(String output) {
        if (outside.tasks.size() != 1) throw new AssertionError("not one task but " + outside.tasks.keySet());
        Effect.EnqueueTask task = outside.tasks.values().iterator().next();
        return succeed(task.step(), task.attempt(), output);
    }

    Trial fail(String step, int attempt, Problem problem) {
        return take(new Event.StepFailed(step, attempt, problem, Usage.NONE, now, now));
    }

    /** The timer that is due first elapses. */
    Trial elapse() {
        Effect.SetTimer timer = outside.firstTimer();
        if (timer.dueAt().isAfter(now)) now = timer.dueAt();
        return take(timer.event());
    }

    /** All timers that are due within this time elapse, in their order. */
    Trial elapse(Duration time) {
        Instant end = now.plus(time);
        while (outside.timers.stream().anyMatch(timer -> !timer.dueAt().isAfter(end))) elapse();
        now = end;
        return this;
    }

    /** An event for the {@code listen} steps. */
    Trial event(String event) {
        return take(new Event.EventArrived(Value.of(json(event)), false, "", now));
    }

    Trial signal(String event) {
        return take(new Event.EventArrived(Value.of(json(event)), true, "", now));
    }

    /** Back to before {@code step}, with another input unless it is null. */
    Trial reset(String step, String input) {
        var request = new Event.ResetRequested(step, Optional.ofNullable(input).map(it -> Value.of(json(it))), now);
        Machine.Rewound target =
                machine.rewind(definition, accepted, events, step).orElseThrow();
        events.add(request);
        take(request, machine.reset(definition, run, target, request));
        return this;
    }

    JsonNode output() {
        if (run.state() instanceof RunState.Succeeded done) return done.output().tree();
        throw new AssertionError("the run did not succeed: " + run.state() + ", at " + run.steps());
    }

    RunState.Failed failure() {
        if (run.state() instanceof RunState.Failed failed) return failed;
        throw new AssertionError("the run did not fail: " + run.state() + ", at " + run.steps());
    }

    Problem problem() {
        return failure().problem();
    }

    JsonNode context() {
        return run.context().tree();
    }

    /** Arguments of the call that {@code step} is. */
    JsonNode arguments(String step) {
        return ((StepState.Calling) run.steps().get(step)).arguments().tree();
    }

    /** Arguments of the only task. */
    JsonNode arguments() {
        return arguments(leaf());
    }

    /** Key of the only step under way that something outside moves on. */
    String leaf() {
        List<String> leaves = Machine.leaves(run);
        if (leaves.size() != 1) throw new AssertionError("not one leaf but " + leaves);
        return leaves.getFirst();
    }

    <T extends Effect> List<T> effects(Class<T> kind) {
        return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    <T extends Effect> T last(Class<T> kind) {
        return effects(kind).getLast();
    }

    /** One line an entry: kind, step, attempt. */
    List<String> story() {
        return history.stream()
                .map(h -> (h.kind() + " " + h.step() + (h.attempt() > 0 ? " " + h.attempt() : "")).strip())
                .toList();
    }

    static Problem passing() {
        return Problem.of(Code.SL4010, "not reachable").retry();
    }

    static Problem passingAfter(Duration wait) {
        return Problem.of(Code.SL4010, "not reachable").retryAfter(wait);
    }

    static Problem lasting() {
        return Problem.of(Code.SL4003, "damaged");
    }

    static Value value(String text) {
        return Value.of(json(text));
    }

    /** JSON in which quotes may be single, and left out around names. */
    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}

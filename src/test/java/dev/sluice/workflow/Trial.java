package dev.sluice.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One run under trial: takes events one at a time under a clock that stands still, and keeps what came of them. */
final class Trial {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();

    private static final DefinitionReader READER = new DefinitionReader();

    final Definition definition;
    final Machine machine = new Machine(RetryPolicy.DEFAULT);
    final List<Effect> effects = new ArrayList<>();
    final List<HistoryEntry> history = new ArrayList<>();
    Run run;
    Instant now = T0;

    private Trial(Definition definition, JsonNode input) {
        this.definition = definition;
        this.run = Machine.accept(definition, "default.local.0-00000000000000000000000000", input, T0);
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

    /** Accepted, not started. */
    static Trial of(String rest, String input) {
        return new Trial(read(rest), json(input));
    }

    /** Accepted and started. */
    static Trial started(String rest, String input) {
        return of(rest, input).take(new Event.RunStarted(T0));
    }

    Trial take(Event event) {
        Transition transition = machine.advance(definition, run, event);
        run = transition.run();
        effects.addAll(transition.effects());
        history.addAll(transition.history());
        return this;
    }

    Trial succeed(String step, int attempt, String output) {
        return take(new Event.StepSucceeded(step, attempt, json(output), Usage.NONE, now, now));
    }

    Trial fail(String step, int attempt, Problem problem) {
        return take(new Event.StepFailed(step, attempt, problem, Usage.NONE, now, now));
    }

    Trial elapse(String step, int attempt) {
        return take(new Event.BackoffElapsed(step, attempt, now));
    }

    JsonNode output() {
        if (run.state() instanceof RunState.Succeeded done) return done.output();
        throw new AssertionError("the run did not succeed: " + run.state());
    }

    RunState.Failed failure() {
        if (run.state() instanceof RunState.Failed failed) return failed;
        throw new AssertionError("the run did not fail: " + run.state());
    }

    /** Arguments of the last task that was queued for {@code step}. */
    JsonNode arguments(String step) {
        return ((StepState.Queued) run.steps().get(step)).arguments();
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

    /** JSON in which quotes may be single, and left out around names. */
    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}

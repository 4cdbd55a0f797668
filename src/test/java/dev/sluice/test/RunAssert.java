package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.StepState;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;

/**
 * What a run did, asserted. Every failure shows where the run stands and its whole history. Outputs, arguments and data
 * are written as in {@link Json#json}; 1 and 1.0 are the same.
 */
public final class RunAssert extends AbstractAssert<RunAssert, RunUnderTest> {
    RunAssert(RunUnderTest run) {
        super(run, RunAssert.class);
    }

    private RunAssert check(boolean holds, String expected) {
        isNotNull();
        if (!holds) throw failure("%s", "expected " + expected + ", but it is not so." + actual.story());
        return this;
    }

    public RunAssert hasStatus(RunStatus status) {
        return check(actual.status() == status, "the run to be " + status.word());
    }

    public RunAssert succeeded() {
        return hasStatus(RunStatus.SUCCEEDED);
    }

    public RunAssert failed() {
        return hasStatus(RunStatus.FAILED);
    }

    /** @see Code */
    public RunAssert failedWith(Code code) {
        failed();
        return check(actual.problem().code().equals(code.name()), "the run to fail with " + code);
    }

    /** @param type the error's, as a {@code catch} names it */
    public RunAssert failedWithType(String type) {
        failed();
        return check(actual.problem().type().equals(type), "the run to fail with an error of the type " + type);
    }

    /** @param step that the error came from */
    public RunAssert failedAt(String step) {
        failed();
        Problem problem = actual.problem();
        return check(Steps.isMeant(step, problem.instance()), "the run to fail at " + step);
    }

    public RunAssert isCancelled() {
        return hasStatus(RunStatus.CANCELLED);
    }

    public RunAssert isPaused() {
        return hasStatus(RunStatus.PAUSED);
    }

    /** The run has ended, however. */
    public RunAssert hasEnded() {
        return check(actual.status().isFinal(), "the run to have ended");
    }

    public RunAssert hasOutput(String json) {
        return hasOutput(Json.json(json));
    }

    public RunAssert hasOutput(JsonNode output) {
        succeeded();
        return check(Json.same(output, actual.output()), "the output " + output);
    }

    public RunAssert hasContext(String json) {
        return check(
                Json.same(Json.json(json), actual.context()),
                "$context to be " + json + " (it is " + actual.context() + ")");
    }

    public RunAssert hasAttribute(String name, String value) {
        return check(
                value.equals(actual.attributes().get(name)),
                "the search attribute " + name + " to be " + value + " among " + actual.attributes());
    }

    /** The attempts that the run took in cost so much, in micro-dollars. */
    public RunAssert hasCostMicros(long micros) {
        long cost = actual.usage().costMicros();
        return check(cost == micros, "a cost of " + micros + " micro-dollars (it is " + cost + ")");
    }

    public RunAssert hasCostMicrosAtMost(long micros) {
        long cost = actual.usage().costMicros();
        return check(cost <= micros, "a cost of at most " + micros + " micro-dollars (it is " + cost + ")");
    }

    public RunAssert hasTokens(long input, long output) {
        boolean same = actual.usage().inputTokens() == input && actual.usage().outputTokens() == output;
        return check(same, input + " input and " + output + " output tokens (it is " + actual.usage() + ")");
    }

    /** The last visit of {@code step} came to its {@code attempts}th attempt. */
    public RunAssert hasAttempts(String step, int attempts) {
        int last = actual.history().stream()
                .filter(entry -> Steps.isMeant(step, entry.step()) && entry.kind() == Kind.TASK_QUEUED)
                .mapToInt(HistoryEntry::attempt)
                .reduce(0, (before, now) -> now);
        return check(last == attempts, attempts + " attempts of " + step + " (there were " + last + ")");
    }

    /** These steps succeeded in this order; others may have between them. */
    public RunAssert finishedInOrder(String... steps) {
        return inOrder(Kind.STEP_SUCCEEDED, steps);
    }

    private RunAssert inOrder(Kind kind, String... steps) {
        int found = 0;
        for (HistoryEntry entry : actual.history()) {
            boolean next = found < steps.length && entry.kind() == kind && Steps.isMeant(steps[found], entry.step());
            if (next) found++;
        }
        return check(found == steps.length, kind + " of " + Arrays.toString(steps) + " in this order");
    }

    /** The step succeeded so often; every visit counts. */
    public RunAssert finished(String step, int times) {
        return counts(Kind.STEP_SUCCEEDED, step, times);
    }

    /** The history has so many entries of this kind. @param step empty: of any step */
    public RunAssert counts(Kind kind, String step, int times) {
        long found = actual.history().stream()
                .filter(entry -> entry.kind() == kind && (step.isEmpty() || Steps.isMeant(step, entry.step())))
                .count();
        return check(found == times, times + " × " + kind + " " + step + " (there were " + found + ")");
    }

    /** No visit of the step began. */
    public RunAssert neverReached(String step) {
        return check(
                actual.history().stream().noneMatch(entry -> isVisit(entry) && Steps.isMeant(step, entry.step())),
                "the run never to reach " + step);
    }

    private static boolean isVisit(HistoryEntry entry) {
        return entry.kind() != Kind.STEP_SKIPPED && entry.kind() != Kind.RUN_RESET;
    }

    public RunAssert skipped(String step) {
        boolean skipped = actual.history().stream()
                .anyMatch(entry -> entry.kind() == Kind.STEP_SKIPPED && Steps.isMeant(step, entry.step()));
        return check(skipped, step + " to be skipped");
    }

    public RunAssert caughtError(String step) {
        boolean caught = actual.history().stream()
                .anyMatch(entry -> entry.kind() == Kind.ERROR_CAUGHT && Steps.isMeant(step, entry.step()));
        return check(caught, step + " to catch an error");
    }

    /** The function was asked at least once. */
    public RunAssert called(String function) {
        return check(!calls(function).isEmpty(), function + " to be called");
    }

    /** The function was asked with these arguments at least once. */
    public RunAssert called(String function, String arguments) {
        JsonNode wanted = Json.json(arguments);
        return check(
                calls(function).stream().anyMatch(call -> Json.same(wanted, call.arguments())),
                function + " to be called with " + wanted + ", among " + calls(function));
    }

    /** Attempts, not deliveries: one that was delivered twice counts once. */
    public RunAssert calledTimes(String function, int times) {
        int found = calls(function).size();
        return check(found == times, times + " calls of " + function + " (there were " + found + ")");
    }

    public RunAssert neverCalled(String function) {
        return calledTimes(function, 0);
    }

    private List<Call> calls(String function) {
        return actual.calls().stream()
                .filter(call -> call.function().equals(function) && !call.isRepeated())
                .toList();
    }

    /** The run published an event of this type. */
    public RunAssert emitted(String type) {
        return check(anyEmitted(type, event -> true), "an event of the type " + type + " among " + actual.emitted());
    }

    public RunAssert emitted(String type, String data) {
        JsonNode wanted = Json.json(data);
        return check(
                anyEmitted(type, event -> Json.same(wanted, event.path("data"))),
                "an event of the type " + type + " with " + wanted + " among " + actual.emitted());
    }

    private boolean anyEmitted(String type, Predicate<JsonNode> fits) {
        return actual.emitted().stream()
                .anyMatch(event -> Objects.equals(event.path("type").asText(), type) && fits.test(event));
    }

    /** Something outside must move this step on: a function, a timer, an event, another run. */
    public RunAssert waitsFor(String step) {
        return check(
                actual.waitingSteps().stream().anyMatch(key -> Steps.isMeant(step, key)),
                "the run to wait for " + step);
    }

    /** The step is a {@code wait} or a retry that goes on at this moment. */
    public RunAssert waitsUntil(String step, Instant moment) {
        boolean waits = actual.live().run.steps().entrySet().stream()
                .filter(entry -> Steps.isMeant(step, entry.getKey()))
                .anyMatch(entry -> moment.equals(dueAt(entry.getValue())));
        return check(waits, step + " to wait until " + moment);
    }

    private static Instant dueAt(StepState state) {
        return switch (state) {
            case StepState.Waiting waiting -> waiting.dueAt();
            case StepState.Retrying retrying -> retrying.dueAt();
            case StepState.Backoff backoff -> backoff.dueAt();
            case StepState.Deferred deferred -> deferred.dueAt().orElse(null);
            default -> null;
        };
    }

    /** The step listens for events. */
    public RunAssert listensAt(String step) {
        boolean listens = actual.live().run.steps().entrySet().stream()
                .anyMatch(entry ->
                        Steps.isMeant(step, entry.getKey()) && entry.getValue() instanceof StepState.Listening);
        return check(listens, "the run to listen at " + step);
    }
}

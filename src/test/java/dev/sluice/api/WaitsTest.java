package dev.sluice.api;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Lines;
import dev.sluice.queue.Task;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the view of a step says it waits for. */
class WaitsTest {
    private static final String X = "/do/0/x";

    @Test
    void aTimerTellsWhenItEnds() {
        var wait = Story.begun("do: [ { x: { wait: PT3H } } ]").step(X).waitingFor();
        assertThat(wait.kind()).isEqualTo("timer");
        assertThat(wait.until()).isEqualTo(T0.plus(Duration.ofHours(3)));
        assertThat(wait.text()).isEqualTo("waits until 2026-01-01T03:00:00Z");
    }

    @Test
    void aQueuedCallTellsItsFunctionAndSinceWhen() {
        var wait = Story.begun("do: [ { x: { call: f } } ]").step(X).waitingFor();
        assertThat(wait.kind()).isEqualTo("function");
        assertThat(wait.function()).isEqualTo("f");
        assertThat(wait.since()).isEqualTo(T0);
        assertThat(wait.text()).isEqualTo("queued for f since " + T0);
    }

    @Test
    void aCallThatIsWithItsFunctionTellsSinceWhen() {
        var story = Story.begun("do: [ { x: { call: f } } ]");
        var steps = new StepViews(story.definition, story.run, story.history)
                .views(Map.of(Task.attemptId("r", X, 1), T0.plusSeconds(5)), null);
        assertThat(steps.getFirst().waitingFor().text()).isEqualTo("f is at it since " + T0.plusSeconds(5));
        assertThat(steps.getFirst().waitingFor().since()).isEqualTo(T0.plusSeconds(5));
    }

    private static Views.WaitingFor limited(Lines.Wait wait) {
        var story = Story.begun("do: [ { x: { call: f } } ]");
        return new StepViews(story.definition, story.run, story.history)
                .views(Map.of(), Map.of(Task.attemptId("r", X, 1), wait), null)
                .getFirst()
                .waitingFor();
    }

    @Test
    void aCallThatWaitsForAPermitTellsItsLimitAndHowFullItIs() {
        var wait = limited(new Lines.Wait("default.w/customer=42", 3, 3, Optional.empty()));
        assertThat(wait.kind()).isEqualTo("limit");
        assertThat(wait.text()).isEqualTo("waits for limit default.w/customer=42 (3 of 3 taken) since " + T0);
        assertThat(wait.until()).isNull();
    }

    @Test
    void aCallThatWaitsForTheRateOfItsFunctionTellsUntilWhen() {
        var wait = limited(new Lines.Wait("function=f", 0, 0, Optional.of(T0.plusSeconds(61))));
        assertThat(wait.kind()).isEqualTo("rate");
        assertThat(wait.text()).isEqualTo("waits for the rate of f, until " + T0.plusSeconds(61));
        assertThat(wait.until()).isEqualTo(T0.plusSeconds(61));
    }

    @Test
    void aCallBetweenAttemptsTellsWhenTheNextOneBegins() {
        var wait = Story.begun("do: [ { x: { call: f } } ]")
                .take(new Event.StepFailed(X, 1, Problem.of(Code.SL4010, "x").retry(), Usage.NONE, T0, T0))
                .step(X)
                .waitingFor();
        assertThat(wait.kind()).isEqualTo("backoff");
        assertThat(wait.attempt()).isEqualTo(2);
        assertThat(wait.until()).isAfter(T0);
    }

    @Test
    void aDeferredCallTellsUntilWhenItMustShowItself() {
        var wait = Story.begun("do: [ { x: { call: f } } ]")
                .take(new Event.StepDeferred(X, 1, Duration.ofMinutes(1), Usage.NONE, T0))
                .step(X)
                .waitingFor();
        assertThat(wait.kind()).isEqualTo("deferred");
        assertThat(wait.until()).isEqualTo(T0.plusSeconds(60));
    }

    @Test
    void aDeferredAttemptWasShownAsQueued() {
        var attempt = Story.begun("do: [ { x: { call: f } } ]")
                .take(new Event.StepDeferred(X, 1, Duration.ofMinutes(1), Usage.NONE, T0))
                .step(X)
                .attempts()
                .getFirst();
        assertThat(attempt.status()).isEqualTo("waiting");
        assertThat(attempt.startedAt()).isEqualTo(T0);
        assertThat(attempt.endedAt()).isNull();
    }

    @Test
    void aStepThatListensTellsTheTypes() {
        var wait = Story.begun(
                        "do: [ { x: { listen: { to: { any: [ { with: { type: a } }, { with: { type: b } } ] } } } } ]")
                .step(X)
                .waitingFor();
        assertThat(wait.kind()).isEqualTo("event");
        assertThat(wait.types()).containsExactly("a", "b");
        assertThat(wait.text()).isEqualTo("waits for an event of type a or b");
    }

    @Test
    void aStepThatAsksAPersonTellsTheDeadline() {
        var wait = Story.begun("""
                        do:
                          - x:
                              timeout: { after: PT1H }
                              metadata: { approval: Pay }
                              listen: { to: { one: { with: { type: a } } } }
                        """).step(X).waitingFor();
        assertThat(wait.kind()).isEqualTo("person");
        assertThat(wait.until()).isEqualTo(T0.plus(Duration.ofHours(1)));
    }

    @Test
    void aTryBetweenAttemptsTellsWhenTheNextOneBegins() {
        var wait = Story.begun("""
                        do:
                          - x:
                              try: [ { y: { call: f } } ]
                              catch: { retry: { delay: PT10S, limit: { attempt: { count: 2 } } } }
                        """)
                .take(new Event.StepFailed(X + "/try/0/y", 1, Problem.of(Code.SL4010, "x"), Usage.NONE, T0, T0))
                .step(X)
                .waitingFor();
        assertThat(wait.kind()).isEqualTo("retry");
        assertThat(wait.until()).isEqualTo(T0.plusSeconds(10));
    }

    @Test
    void aStepThatAwaitsARunNamesIt() {
        var store = new RealStore();
        var story =
                Story.begun("do: [ { x: { run: { workflow: { namespace: test, name: child, version: '1.0.0' } } } } ]");
        var starter = store.starter(Clock.fixed(T0, ZoneOffset.UTC));
        var wait = new StepViews(story.definition, story.run, story.history)
                .views(Map.of(), starter)
                .getFirst()
                .waitingFor();
        assertThat(wait.kind()).isEqualTo("run");
        assertThat(wait.run()).isEqualTo(starter.childOf("r", X, 1));
    }

    @Test
    void aRunThatHasEndedWaitsForNothing() {
        var story = Story.begun("do: [ { x: { call: f } } ]")
                .take(new Event.StepFailed(X, 1, Problem.of(Code.SL4003, "x"), Usage.NONE, T0, T0));
        assertThat(story.step(X).status()).isEqualTo("failed");
        assertThat(story.step(X).waitingFor()).isNull();
    }

    @Test
    void aLoopShowsEachVisitAndTheLoopItself() {
        var story =
                Story.begun("do: [ { x: { for: { each: n, in: '${ [range(3)] }' }, do: [ { y: { call: f } } ] } } ]");
        for (int i = 0; i < 2; i++) story.succeed(X + "/do/0/y" + (i == 0 ? "" : "#" + i), "{}");
        assertThat(story.steps())
                .extracting(Views.Step::step)
                .containsExactly(X, X + "/do/0/y", X + "/do/0/y#1", X + "/do/0/y#2");
        assertThat(story.steps())
                .extracting(Views.Step::status)
                .containsExactly("running", "succeeded", "succeeded", "queued");
        assertThat(story.steps()).extracting(Views.Step::pointer).contains(X + "/do/0/y");
    }

    @Test
    void ofALongHistoryTheLastVisitsAndWhatIsUnderWayAreShown() {
        var story = Story.begun(
                "do: [ { x: { for: { each: n, in: '${ [range(800)] }' }, do: [ { y: { set: { v: 1 } } } ] } },"
                        + " { z: { call: f } } ]");
        while (!story.run.steps().containsKey("/do/1/z")) continueLoop(story);
        var end = story.history.subList(story.history.size() - 700, story.history.size());
        var steps = new StepViews(story.definition, story.run, end);
        assertThat(steps.size()).isEqualTo(StepViews.VISITS_MAX);
        assertThat(steps.views(Map.of(), null).getLast().step()).isEqualTo("/do/1/z");
        // Of the first transition alone, nothing is told but where the run stands.
        var none = new StepViews(story.definition, story.run, story.history.subList(0, 1));
        assertThat(none.views(Map.of(), null)).extracting(Views.Step::step).contains("/do/1/z");
    }

    /** Hands the loop its next chunk of items, as the store would. */
    private static void continueLoop(Story story) {
        for (var step : story.run.steps().entrySet()) {
            switch (step.getValue()) {
                case dev.sluice.workflow.StepState.AwaitingItems s -> {
                    story.take(new Event.ItemsLoaded(step.getKey(), s.index() / 100, Value.of(json(chunk())), T0));
                    return;
                }
                case dev.sluice.workflow.StepState.Entering s -> {
                    story.take(new Event.Continued(step.getKey(), T0));
                    return;
                }
                default -> {}
            }
        }
        throw new AssertionError("nothing moves " + story.run.steps().keySet());
    }

    private static String chunk() {
        return "[" + "1,".repeat(99) + "1]";
    }

    @Test
    void aStepThatAResetGaveUpIsCancelledAndItsSuccessorHasANameOfItsOwn() {
        var story = Story.begun("do: [ { x: { set: { v: 1 } } }, { y: { call: f } } ]")
                .reset(X);
        assertThat(story.step("/do/1/y").status()).isEqualTo("cancelled");
        assertThat(story.step("/do/1/y").waitingFor()).isNull();
        assertThat(story.step("/do/1/y#!1").status()).isEqualTo("queued");
        assertThat(story.step(X + "#!1").status()).isEqualTo("succeeded");
    }
}

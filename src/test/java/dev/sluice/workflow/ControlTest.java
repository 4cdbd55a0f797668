package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person asks of a run: cancel, kill, pause, resume, retry. And its end by a defect. */
class ControlTest {
    private static final String CLEAN = "errors: { with: { type: 'urn:sluice:cancelled' } }";

    private static final Event CANCEL = new Event.CancelRequested("not needed", T0);

    private static Trial saga() {
        return Trial.started("""
                do:
                  - outer:
                      try:
                        - book: { call: book }
                        - inner:
                            try: [ { pay: { call: pay } } ]
                            catch: { %s, do: [ { refund: { call: refund } } ] }
                      catch: { %s, do: [ { unbook: { call: unbook, with: { why: '${ $error.detail }' } } } ] }
                """.formatted(CLEAN, CLEAN), "{}");
    }

    private static List<String> functions(Trial trial) {
        return trial.effects(Effect.EnqueueTask.class).stream()
                .map(Effect.EnqueueTask::function)
                .toList();
    }

    @Test
    void aCancelledRunGivesUpWhatIsUnderWay() {
        var trial = Trial.started(DataFlowTest.FORK, "{n: 1}").take(CANCEL);
        assertThat(trial.run.state()).isEqualTo(new RunState.Cancelled(java.util.Optional.of(T0), T0, "not needed"));
        assertThat(trial.effects(Effect.AbortTask.class)).hasSize(2);
        assertThat(trial.run.steps()).isEmpty();
        assertThat(trial.story()).endsWith("RUN_CANCELLED");
    }

    @Test
    void aRunThatHasNotBegunCanBeCancelled() {
        assertThat(Trial.of("do: [ { a: { call: f } } ]", "{}").take(CANCEL).run.status())
                .isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void cleanUpsRunFromTheInsideOut() {
        var trial = saga().succeed("1").take(CANCEL);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        trial.succeed("1");
        assertThat(trial.arguments()).isEqualTo(json("{why: 'not needed'}"));
        trial.succeed("1");
        assertThat(functions(trial)).containsExactly("book", "pay", "refund", "unbook");
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aCatchThatDoesNotNameTheTypeIsNoCleanUp() {
        var trial = Trial.started(
                "do: [ { g: { try: [ { a: { call: f } } ], catch: { do: [ { b: { call: g } } ] } } } ]", "{}");
        assertThat(trial.take(CANCEL).run.status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void aCleanUpThatFailsDoesNotKeepTheOthersFromTheirs() {
        var trial = saga().succeed("1").take(CANCEL);
        trial.fail(trial.leaf(), 1, lasting()).succeed("1");
        assertThat(functions(trial)).containsExactly("book", "pay", "refund", "unbook");
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void aCleanUpThatFailedAtOnceTookTheOtherBranchsWithIt() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { try: [ { x: { call: f } } ], catch: { %s, do: [ { y: { raise: { error: { type: 'https://e', status: 500 } } } } ] } }
                          - b: { try: [ { x: { call: f } } ], catch: { %s, do: [ { y: { call: clean } } ] } }
                """.formatted(CLEAN, CLEAN), "{}").take(CANCEL);
        assertThat(functions(trial)).containsExactly("f", "f", "clean");
        assertThat(trial.succeed("1").run.status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void aCleanUpMayHaveATryOfItsOwn() {
        var trial = Trial.started("""
                do:
                  - g:
                      try: [ { x: { call: f } } ]
                      catch:
                        %s
                        do:
                          - careful: { try: [ { y: { call: g } } ], catch: { do: [ { z: { call: h } } ] } }
                          - last: { call: i }
                """.formatted(CLEAN), "{}").take(CANCEL);
        trial.fail(trial.leaf(), 1, lasting()).succeed("1").succeed("1");
        assertThat(functions(trial)).containsExactly("f", "g", "h", "i");
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void aSecondCancellationChangesNothing() {
        var trial = saga().take(CANCEL);
        Run cancelling = trial.run;
        assertThat(trial.take(CANCEL).run).isSameAs(cancelling);
    }

    @Test
    void aCancelledRunCanStillBeKilled() {
        var trial = saga().take(CANCEL).take(new Event.KillRequested("now", T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aKilledRunRunsNoCleanUps() {
        var trial = saga().take(new Event.KillRequested("now", T0));
        assertThat(functions(trial)).containsExactly("book");
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(trial.effects(Effect.AbortTask.class)).hasSize(1);
    }

    @Test
    void theWorkflowsTimeoutEndsCleanUpsThatTakeTooLong() {
        var trial = Trial.started(
                        "timeout: { after: PT1M }\ndo: [ { g: { try: [ { x: { call: f } } ], catch: { " + CLEAN
                                + ", do: [ { y: { call: g } } ] } } } ]",
                        "{}")
                .take(CANCEL)
                .elapse();
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aPausedRunHoldsItsEventsBackUntilItIsResumed() {
        var trial = Trial.started("do: [ { a: { call: f } }, { b: { call: g } } ]", "{}")
                .take(new Event.PauseRequested(T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.PAUSED);
        trial.succeed("/do/0/a", 1, "1");
        assertThat(trial.run.steps()).containsKey("/do/0/a");
        assertThat(trial.outside.held).hasSize(1);
        trial.take(new Event.ResumeRequested(T0));
        assertThat(trial.leaf()).isEqualTo("/do/1/b");
    }

    @Test
    void aHeldEventDoesNotCountAsTakenIn() {
        var trial = Trial.started("do: [ { a: { call: f } } ]", "{}").take(new Event.PauseRequested(T0));
        Run paused = trial.run;
        assertThat(trial.succeed("/do/0/a", 1, "1").run).isSameAs(paused);
    }

    @Test
    void aPausedRunCanBeCancelledAndKilled() {
        for (Event event : List.of(CANCEL, new Event.KillRequested("", T0))) {
            var trial = Trial.started("do: [ { a: { call: f } } ]", "{}").take(new Event.PauseRequested(T0));
            assertThat(trial.take(event).run.status()).isEqualTo(RunStatus.CANCELLED);
            assertThat(trial.outside.wakers()).isEmpty();
        }
    }

    @Test
    void onlyARunUnderWayCanBePausedAndOnlyAPausedOneResumed() {
        var trial = Trial.of("do: [ { a: { call: f } } ]", "{}");
        assertThat(trial.take(new Event.PauseRequested(T0)).run).isSameAs(trial.accepted);
        Run running = trial.start().run;
        assertThat(trial.take(new Event.ResumeRequested(T0)).run).isSameAs(running);
        Run done = trial.succeed("1").run;
        assertThat(trial.take(new Event.PauseRequested(T0)).run).isSameAs(done);
    }

    @Test
    void aRetriedRunMakesTheNextAttemptOfWhatHadFailedAndGivesTheOthersTheirsBack() {
        var trial = Trial.started(DataFlowTest.FORK, "{n: 1}").fail("/do/0/both/fork/branches/0/left", 1, lasting());
        trial.take(new Event.RetryRequested(T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        trial.succeed("/do/0/both/fork/branches/0/left", 2, "'l'")
                .succeed("/do/0/both/fork/branches/1/right", 2, "'r'");
        assertThat(trial.output()).isEqualTo(json("['l', 'r']"));
    }

    @Test
    void aRetryKeepsWhatHadSucceeded() {
        var trial = Trial.started("do: [ { a: { call: f, export: { as: . } } }, { b: { call: g } } ]", "{}")
                .succeed("1");
        trial.fail("/do/1/b", 1, lasting()).take(new Event.RetryRequested(T0));
        assertThat(functions(trial)).containsExactly("f", "g", "g");
        assertThat(trial.context()).isEqualTo(json("1"));
    }

    @Test
    void theLateResultOfTheAttemptThatFailedChangesNothingAfterARetry() {
        var trial = Trial.started("do: [ { a: { call: f } } ]", "{}").fail("/do/0/a", 1, lasting());
        Run retried = trial.take(new Event.RetryRequested(T0)).run;
        assertThat(trial.succeed("/do/0/a", 1, "1").run).isSameAs(retried);
    }

    @Test
    void aStepThatFailedByItsOutputHadNothingThatWouldWakeItAfterARetry() {
        for (String step : List.of(
                "{ do: [ { x: { set: { a: 1 } } } ], %s }",
                "{ for: { in: '[1]' }, do: [ { x: { set: { a: 1 } } } ], %s }",
                "{ fork: { branches: [ { x: { set: { a: 1 } } } ] }, %s }",
                "{ try: [ { x: { set: { a: 1 } } } ], catch: {}, %s }",
                "{ set: { a: 1 }, %s }")) {
            var trial =
                    Trial.started("do: [ { only: " + step.formatted("output: { as: 'error(\"no\")' }") + " } ]", "{}");
            assertThat(trial.failure().step()).isEqualTo("/do/0/only");
            trial.take(new Event.RetryRequested(T0));
            assertThat(trial.failure().step()).as(step).isEqualTo("/do/0/only");
            assertThat(trial.story().stream().filter("RUN_FAILED"::equals)).hasSize(2);
        }
    }

    @Test
    void aListenThatFailedAfterItsEventListensAgainAfterARetry() {
        var trial = Trial.started("do: [ { only: { listen: { to: { any: [] } }, output: { as: '.[0].a' } } } ]", "{}");
        trial.event("{specversion: '1.0', id: 'i', source: 's', type: 't', data: 'text'}");
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        trial.take(new Event.RetryRequested(T0))
                .event("{specversion: '1.0', id: 'i', source: 's', type: 't', data: {a: 1}}");
        assertThat(trial.output()).isEqualTo(json("1"));
    }

    @Test
    void timersThatRanOutWhileTheRunLayFailedFailedItAgain() {
        var trial = Trial.started("""
                timeout: { after: PT1H }
                do: [ { block: { timeout: { after: PT30M }, do: [ { a: { call: f } } ] } } ]
                """, "{}").fail("/do/0/block/do/0/a", 1, lasting());
        trial.now = T0.plus(Duration.ofDays(1));
        trial.take(new Event.RetryRequested(trial.now));
        assertThat(trial.outside.timers)
                .extracting(Effect.SetTimer::dueAt)
                .containsExactly(trial.now.plusSeconds(3600), trial.now.plusSeconds(1800));
    }

    @Test
    void aRunThatFailedByItsOutputBeginsFromTheBeginning() {
        var trial = Trial.started(
                        "do: [ { a: { call: f, export: { as: '$context + 1' } } } ]\noutput: { as: .x.y }", "{}")
                .succeed("{x: 1}");
        assertThat(trial.failure().step()).isEmpty();
        trial.take(new Event.RetryRequested(T0)).succeed("{x: {y: 2}}");
        assertThat(trial.output()).isEqualTo(json("2"));
        assertThat(trial.context()).isEqualTo(json("1"));
    }

    @Test
    void onlyAFailedRunCanBeRetried() {
        var trial = Trial.started("do: [ { a: { call: f } } ]", "{}");
        Run running = trial.run;
        assertThat(trial.take(new Event.RetryRequested(T0)).run).isSameAs(running);
        Run done = trial.succeed("1").run;
        assertThat(trial.take(new Event.RetryRequested(T0)).run).isSameAs(done);
    }

    @Test
    void aRunThatADefectEndedCanBeRetried() {
        var trial = Trial.started("do: [ { a: { listen: { to: { any: [] } } } } ]", "{}");
        trial.take(CANCEL, trial.machine.abort(trial.run, Problem.of(Code.SL9001, "x"), T0));
        assertThat(trial.outside.wakers()).isEmpty();
        trial.take(new Event.RetryRequested(T0));
        assertThat(trial.outside.wakers()).hasSize(1);
    }

    @Test
    void aRepairAsksForWhatIsThereAlready() {
        var trial = Trial.started("timeout: { after: PT1H }\n" + DataFlowTest.FORK, "{n: 1}");
        List<String> before = trial.outside.wakers();
        Run run = trial.run;
        trial.take(new Event.RearmRequested(T0));
        assertThat(trial.outside.wakers()).isEqualTo(before);
        assertThat(trial.run.steps()).isEqualTo(run.steps());
    }
}

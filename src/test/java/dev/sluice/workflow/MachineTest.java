package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static dev.sluice.workflow.Trial.passing;
import static dev.sluice.workflow.Trial.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MachineTest {
    private static final String STEP = "/do/0/only";
    private static final String LEFT = "/do/0/both/fork/branches/0/left";
    private static final String RIGHT = "/do/0/both/fork/branches/1/right";

    private static Trial call() {
        return Trial.started("do: [ { only: { call: f, with: { n: '${ .n }' } } } ]", "{n: 1}");
    }

    @Test
    void startingEntersTheFirstStepAndQueuesItsTask() {
        var trial = call();
        assertThat(trial.effects)
                .containsExactly(new Effect.EnqueueTask(
                        STEP, 1, "f", value("{n: 1}"), Trial.ID + ":" + STEP, Duration.ZERO, false, Budget.NONE));
        assertThat(trial.story()).containsExactly("RUN_STARTED", "TASK_QUEUED " + STEP + " 1");
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void aSuccessEndsTheStepAndLeavesNoStateBehind() {
        var trial = call().succeed(STEP, 1, "{}");
        assertThat(trial.run.steps()).isEmpty();
        assertThat(trial.story()).endsWith("STEP_SUCCEEDED " + STEP + " 1", "RUN_SUCCEEDED");
    }

    @Test
    void aFailureThatMayPassIsTriedAgainAfterAWait() {
        var trial = call().fail(STEP, 1, passing());
        var dueAt = T0.plusSeconds(1);
        assertThat(trial.effects.getLast()).isEqualTo(new Effect.SetTimer(dueAt, Event.Timer.BACKOFF, STEP, 1));
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void theNextAttemptAsksForTheSame() {
        var trial = call().fail(STEP, 1, passing()).elapse();
        Effect.EnqueueTask again = trial.last(Effect.EnqueueTask.class);
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.arguments()).isEqualTo(value("{n: 1}"));
        assertThat(again.idempotencyKey()).isEqualTo(Trial.ID + ":" + STEP);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void theStepFailsForGoodWhenItsAttemptsAreUsedUp() {
        var trial = call();
        for (int attempt = 1; attempt < 5; attempt++)
            trial.fail(STEP, attempt, passing()).elapse();
        trial.fail(STEP, 5, passing());
        assertThat(trial.failure().step()).isEqualTo(STEP);
        assertThat(trial.failure().problem().code()).isEqualTo("SL4010");
    }

    @Test
    void aFailureThatWillNotPassEndsTheRunAtOnce() {
        var trial = call().fail(STEP, 1, lasting());
        assertThat(trial.problem().detail()).isEqualTo(lasting().detail());
        assertThat(trial.story()).endsWith("ATTEMPT_FAILED " + STEP + " 1", "STEP_FAILED " + STEP, "RUN_FAILED");
    }

    @Test
    void theWaitThatTheOtherSideAskedForIsHonoured() {
        var trial = call().fail(STEP, 1, Trial.passingAfter(Duration.ofMinutes(10)));
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(600));
    }

    @Test
    void usageAddsUpOverAllAttemptsFailedOnesIncluded() {
        var trial = call();
        trial.take(new Event.StepFailed(STEP, 1, passing(), new Usage(1, 2, 3), T0, T0))
                .elapse()
                .take(new Event.StepSucceeded(STEP, 2, value("{}"), new Usage(10, 20, 30), T0, T0));
        assertThat(trial.run.usage()).isEqualTo(new Usage(11, 22, 33));
    }

    @Test
    void aFailureInOneBranchEndsTheRunAndGivesUpTheOther() {
        var trial = Trial.started(DataFlowTest.FORK, "{}").fail(LEFT, 1, lasting());
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.story()).contains("STEP_CANCELLED " + RIGHT);
    }

    @Test
    void aBranchThatHadSucceededWasCalledCancelledWhenTheOtherFailed() {
        var trial =
                Trial.started(DataFlowTest.FORK, "{}").succeed(RIGHT, 1, "{}").fail(LEFT, 1, lasting());
        assertThat(trial.story()).contains("STEP_SUCCEEDED " + RIGHT + " 1").doesNotContain("STEP_CANCELLED " + RIGHT);
    }

    @Test
    void theLateResultOfABranchOfAFailedRunChangesNothing() {
        var trial = Trial.started(DataFlowTest.FORK, "{}").fail(LEFT, 1, lasting());
        Run failed = trial.run;
        trial.succeed(RIGHT, 1, "{}");
        assertThat(trial.run).isSameAs(failed);
    }

    @Test
    void aRunThatWaitsInOneBranchAndWorksInAnotherIsRunning() {
        var trial = Trial.started(DataFlowTest.FORK, "{}").fail(LEFT, 1, passing());
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void anExpressionThatFailsFailsTheRunAndNamesItsPlace() {
        var trial = Trial.started("do: [ { only: { set: { a: '${ .n.x }' } } } ]", "{n: 1}");
        assertThat(trial.failure().step()).isEqualTo(STEP);
        assertThat(trial.failure().problem().code()).isEqualTo("SL3003");
        assertThat(trial.failure().problem().detail()).startsWith("/do/0/only/set/a: '.n.x' failed:");
    }

    @Test
    void aStepWhoseExpressionFailedIsToldAsFailed() {
        var trial = Trial.started("do: [ { only: { set: { a: '${ .n.x }' } } } ]", "{n: 1}");
        assertThat(trial.story()).containsExactly("RUN_STARTED", "STEP_FAILED " + STEP, "RUN_FAILED");
    }

    @Test
    void anExpressionThatFailsInOneBranchLeavesNoTaskOfTheOtherWanted() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - left: { call: f }
                          - right: { set: { a: '${ .n.x }' } }
                """, "{n: 1}");
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void anOutputThatTheWorkflowCannotShapeFailsTheRunWithoutNamingAStep() {
        var trial = Trial.started("""
                do: [ { only: { set: { a: 1 } } } ]
                output: { as: .a.b }
                """, "{}");
        assertThat(trial.failure().step()).isEmpty();
        assertThat(trial.failure().problem().detail()).startsWith("/output/as:");
    }

    @Test
    void anInputThatTheWorkflowCannotShapeFailsTheRunWithoutNamingAStep() {
        var trial = Trial.started("""
                input: { from: .a.b }
                do: [ { only: { set: { a: 1 } } } ]
                """, "{a: 1}");
        assertThat(trial.failure().step()).isEmpty();
        assertThat(trial.failure().problem().detail()).startsWith("/input/from:");
    }

    @Test
    void anExpressionWithSeveralValuesFails() {
        var trial = Trial.started("do: [ { only: { set: { a: '${ 1, 2 }' } } } ]", "{}");
        assertThat(trial.failure().problem().detail())
                .contains("several values")
                .contains("wrap it in [ ]");
    }

    @Test
    void anExpressionWithoutValueGivesNull() {
        var trial = Trial.started("do: [ { only: { set: { a: '${ empty }' } } } ]", "{}");
        assertThat(trial.output()).isEqualTo(json("{a: null}"));
    }

    @Test
    void aDefectEndsTheRunWhereverItStands() {
        var trial = Trial.of(DataFlowTest.FORK, "{}");
        Problem defect = Problem.of(Code.SL9001, "x");
        for (Run run : List.of(trial.run, trial.take(new Event.RunStarted(T0)).run)) {
            assertThat(trial.machine.abort(run, defect, T0).run().status()).isEqualTo(RunStatus.FAILED);
        }
    }

    @Test
    void aDefectDoesNotTouchARunThatHasEnded() {
        var trial = call().succeed(STEP, 1, "{}");
        var transition = trial.machine.abort(trial.run, lasting(), T0);
        assertThat(transition.run()).isSameAs(trial.run);
    }

    @Test
    void anEmptySequencePassesItsInputOn() {
        var trial = Trial.started("do: [ { nothing: { do: [] } }, { last: { set: { got: '${ .n }' } } } ]", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{got: 1}"));
    }

    @Test
    void aForkWithoutBranchesJoinsAtOnce() {
        var trial = Trial.started("do: [ { nothing: { fork: { branches: [] } } } ]", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("[]"));
    }

    @Test
    void aWorkflowWithoutStepsEndsWithItsInput() {
        var trial = Trial.started("do: []", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void tenThousandStepsInARowDoNotOverflowTheStack() {
        var rest = new StringBuilder("do:\n");
        IntStream.range(0, 10_000).forEach(i -> rest.append("- s: { set: { n: '${ .n + 1 }' } }\n"));
        assertThat(Trial.started(rest.toString(), "{n: 0}").output()).isEqualTo(json("{n: 10000}"));
    }

    @Test
    void theVersionCountsTheEventsThatWereTakenIn() {
        var trial = call().succeed(STEP, 1, "{}").succeed(STEP, 1, "{}");
        assertThat(trial.run.version()).isEqualTo(2);
    }
}

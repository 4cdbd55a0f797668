package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Steps whose function sends the result later. */
class DeferredTest {
    private static final String STEP = "/do/0/only";

    private static Trial deferred(String metadata, Duration heartbeat) {
        return Trial.started("do: [ { only: { call: f, metadata: " + metadata + " } }, { next: { call: g } } ]", "{}")
                .take(new Event.StepDeferred(STEP, 1, heartbeat, new Usage(1, 2, 3), T0));
    }

    private static Event beat(int attempt, Instant at) {
        return new Event.HeartbeatReceived(STEP, attempt, at);
    }

    @Test
    void theRunWaitsForItAndNothingIsAskedAgain() {
        var trial = deferred("{}", Duration.ZERO);
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
        assertThat(trial.outside.wakers()).isEmpty();
        assertThat(trial.run.usage()).isEqualTo(new Usage(1, 2, 3));
        assertThat(trial.story()).endsWith("STEP_DEFERRED " + STEP + " 1");
    }

    @Test
    void theResultThatComesLaterIsTheSteps() {
        var trial = deferred("{}", Duration.ZERO).succeed(STEP, 1, "{later: 1}");
        assertThat(trial.leaf()).isEqualTo("/do/1/next");
    }

    @Test
    void aFailureThatComesLaterIsTriedAgainLikeAnyOther() {
        var trial = deferred("{}", Duration.ZERO).fail(STEP, 1, Trial.passing()).elapse();
        assertThat(trial.last(Effect.EnqueueTask.class).attempt()).isEqualTo(2);
    }

    @Test
    void aFunctionThatStaysSilentForTooLongHasFailedThatAttempt() {
        var trial = deferred("{ heartbeat: PT30S }", Duration.ZERO).elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(30));
        assertThat(trial.run.steps().get(STEP)).isInstanceOf(StepState.Backoff.class);
        Run backoff = trial.run;
        assertThat(trial.succeed(STEP, 1, "{late: true}").run).isSameAs(backoff);
    }

    @Test
    void whatTheFunctionAsksForGoesBeforeTheStepsOwnHeartbeat() {
        assertThat(deferred("{ heartbeat: PT30S }", Duration.ofHours(1))
                        .outside
                        .firstTimer()
                        .dueAt())
                .isEqualTo(T0.plusSeconds(3600));
    }

    @Test
    void aHeartbeatGivesItMoreTime() {
        var trial = deferred("{ heartbeat: PT30S }", Duration.ZERO).take(beat(1, T0.plusSeconds(20)));
        assertThat(trial.outside.timers).extracting(Effect.SetTimer::dueAt).containsExactly(T0.plusSeconds(50));
    }

    @Test
    void aHeartbeatThatCameLateShortenedTheTime() {
        var trial = deferred("{ heartbeat: PT30S }", Duration.ZERO).take(beat(1, T0.plusSeconds(20)));
        Run beaten = trial.run;
        assertThat(trial.take(beat(1, T0.plusSeconds(10))).run).isSameAs(beaten);
        assertThat(trial.take(beat(2, T0.plusSeconds(25))).run).isSameAs(beaten);
    }

    @Test
    void aHeartbeatThatNobodyAskedForChangesNothing() {
        var trial = deferred("{}", Duration.ZERO);
        Run before = trial.run;
        assertThat(trial.take(beat(1, T0)).run).isSameAs(before);
    }

    @Test
    void theLimitOfAnAttemptEndsWithThePromise() {
        var trial = Trial.started(
                "do: [ { only: { call: f, metadata: { startToClose: PT10S, heartbeat: PT1H } } } ]", "{}");
        trial.take(new Event.AttemptStarted(STEP, 1, T0));
        trial.take(new Event.StepDeferred(STEP, 1, Duration.ZERO, Usage.NONE, T0.plusSeconds(1)));
        assertThat(trial.outside.timers)
                .extracting(t -> t.event().timer())
                .containsExactly(Event.Timer.HEARTBEAT_TIMEOUT);
    }

    @Test
    void theTimeoutOfTheStepHoldsForADeferredOneToo() {
        var trial = Trial.started("do: [ { only: { call: f, timeout: { after: PT1M } } } ]", "{}");
        trial.take(new Event.StepDeferred(STEP, 1, Duration.ZERO, Usage.NONE, T0))
                .elapse();
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.last(Effect.AbortTask.class)).isEqualTo(new Effect.AbortTask(STEP, 1));
    }

    @Test
    void aSecondPromiseChangesNothing() {
        var trial = deferred("{}", Duration.ZERO);
        Run before = trial.run;
        assertThat(trial.take(new Event.StepDeferred(STEP, 1, Duration.ofHours(1), Usage.NONE, T0)).run)
                .isSameAs(before);
    }

    @Test
    void aResultThatOvertookThePromiseIsTheResult() {
        var trial = Trial.started("do: [ { only: { call: f } } ]", "{}").succeed("1");
        trial.take(new Event.StepDeferred(STEP, 1, Duration.ZERO, Usage.NONE, T0));
        assertThat(trial.output()).isEqualTo(json("1"));
    }
}

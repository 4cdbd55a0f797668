package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The four time limits of a call; schedule-to-close is the DSL's own {@code timeout}. */
class TimeLimitsTest {
    private static final String STEP = "/do/0/only";

    private static Trial call(String metadata) {
        return Trial.started("do: [ { only: { call: f, metadata: " + metadata + " } } ]", "{}");
    }

    private static Event started(int attempt, Instant at) {
        return new Event.AttemptStarted(STEP, attempt, at);
    }

    @Test
    void aTaskThatNobodyTakesInTimeIsGivenUpAndTriedAgain() {
        var trial = call("{ scheduleToStart: PT10S }").elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(10));
        assertThat(trial.last(Effect.AbortTask.class)).isEqualTo(new Effect.AbortTask(STEP, 1));
        assertThat(trial.run.steps().get(STEP)).isInstanceOf(StepState.Backoff.class);
        assertThat(trial.elapse().last(Effect.EnqueueTask.class).attempt()).isEqualTo(2);
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(21));
    }

    @Test
    void anAttemptThatHasBegunIsNoLongerWaitedForToBegin() {
        var trial = call("{ scheduleToStart: PT10S }").take(started(1, T0.plusSeconds(5)));
        assertThat(trial.outside.timers).isEmpty();
    }

    @Test
    void anAttemptThatTakesTooLongIsGivenUpAndTriedAgain() {
        var trial = call("{ startToClose: PT30S }");
        assertThat(trial.outside.timers).isEmpty();
        trial.take(started(1, T0.plusSeconds(5)));
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(35));
        trial.elapse().elapse();
        assertThat(trial.last(Effect.EnqueueTask.class).attempt()).isEqualTo(2);
    }

    @Test
    void theFunctionIsToldItsTimeAndTheRunTheBeginning() {
        Effect.EnqueueTask limited = call("{ startToClose: PT30S }").last(Effect.EnqueueTask.class);
        assertThat(limited.limit()).isEqualTo(Duration.ofSeconds(30));
        assertThat(limited.tellStart()).isTrue();
        Effect.EnqueueTask free = call("{ heartbeat: PT30S }").last(Effect.EnqueueTask.class);
        assertThat(free.limit()).isZero();
        assertThat(free.tellStart()).isFalse();
    }

    @Test
    void aTaskThatAnotherDispatcherTookOverBeginsAnew() {
        var trial = call("{ startToClose: PT30S }").take(started(1, T0)).take(started(1, T0.plusSeconds(20)));
        assertThat(trial.outside.timers).extracting(Effect.SetTimer::dueAt).containsExactly(T0.plusSeconds(50));
    }

    @Test
    void theLimitOfTheDispatcherThatWasLostEndedTheAttemptOfTheOtherOne() {
        var trial = call("{ startToClose: PT30S }").take(started(1, T0));
        Event.TimerElapsed first = trial.outside.firstTimer().event();
        Run second = trial.take(started(1, T0.plusSeconds(20))).run;
        assertThat(trial.take(first).run).isSameAs(second);
    }

    @Test
    void theSecondReportOfTheSameBeginningChangedTheRun() {
        var trial = call("{ startToClose: PT30S }").take(started(1, T0.plusSeconds(5)));
        Run begun = trial.run;
        assertThat(trial.take(started(1, T0.plusSeconds(5))).run).isSameAs(begun);
        assertThat(trial.take(started(1, T0)).run).isSameAs(begun);
    }

    @Test
    void theTimersAreForgottenWithTheResult() {
        String limits = "{ scheduleToStart: PT10S, startToClose: PT30S }";
        assertThat(call(limits).succeed("1").outside.wakers()).isEmpty();
        assertThat(call(limits).take(started(1, T0)).succeed("1").outside.wakers())
                .isEmpty();
        assertThat(call(limits)
                        .take(started(1, T0))
                        .fail(STEP, 1, Trial.lasting())
                        .outside
                        .wakers())
                .isEmpty();
    }

    @Test
    void aLimitOfAnEarlierAttemptChangesNothing() {
        var trial = call("{ startToClose: PT30S }").take(started(1, T0));
        Event.TimerElapsed first = trial.outside.firstTimer().event();
        trial.fail(STEP, 1, Trial.passing()).elapse().take(started(2, T0.plusSeconds(1)));
        Run second = trial.run;
        assertThat(trial.take(first).run).isSameAs(second);
    }

    @Test
    void whenAllAttemptsTookTooLongTheErrorIsATimeout() {
        var trial = call("{ attemptsMax: 1, startToClose: PT30S }")
                .take(started(1, T0))
                .elapse();
        assertThat(trial.problem().type()).isEqualTo(StandardError.TIMEOUT.type());
        assertThat(trial.problem().status()).isEqualTo(408);
        assertThat(trial.story()).contains("ATTEMPT_FAILED " + STEP + " 1");
    }

    @Test
    void scheduleToCloseCoversWaitsAndAttempts() {
        var trial = Trial.started("""
                do: [ { only: { call: f, timeout: { after: PT20S }, metadata: { attemptsMax: 99, startToClose: PT8S } } } ]
                """, "{}");
        trial.take(started(1, T0))
                .elapse()
                .elapse()
                .take(started(2, trial.now))
                .elapse()
                .elapse();
        trial.elapse(Duration.ofMinutes(1));
        assertThat(trial.failure().endedAt()).isEqualTo(T0.plusSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduleToStart", "startToClose", "heartbeat"})
    void aLimitThatIsNoDurationIsRefused(String limit) {
        assertThatThrownBy(() -> call("{ " + limit + ": soon }"))
                .hasMessageContaining("/do/0/only/metadata/" + limit)
                .hasMessageContaining("is not a duration");
    }

    @Test
    void aResultThatIsInTimeIsTakenWhateverTheTimersSayLater() {
        var trial = Trial.started(
                "do: [ { only: { call: f, metadata: { startToClose: PT30S } } }, { b: { call: g } } ]", "{}");
        trial.take(started(1, T0));
        Event.TimerElapsed late = trial.outside.firstTimer().event();
        trial.succeed(STEP, 1, "1");
        Run next = trial.run;
        assertThat(trial.take(late).run).isSameAs(next);
        assertThat(trial.succeed("2").output()).isEqualTo(json("2"));
    }
}

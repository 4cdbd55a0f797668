package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static dev.sluice.workflow.Trial.passing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attempts of one call: bounded by number and money, with waits in between. */
class AttemptsTest {
    private static final String STEP = "/do/0/only";

    private static Trial call(String metadata) {
        return Trial.started("do: [ { only: { call: f, metadata: " + metadata + " } } ]", "{}");
    }

    private static int attempts(Trial trial) {
        int attempt = 1;
        while (!trial.fail(STEP, attempt, passing()).run.status().isFinal()) {
            trial.elapse();
            attempt++;
        }
        return attempt;
    }

    @Test
    void thereAreFiveUnlessTheAuthorSaysOtherwise() {
        assertThat(attempts(call("{}"))).isEqualTo(5);
        assertThat(attempts(call("{ attemptsMax: 1 }"))).isEqualTo(1);
        assertThat(attempts(call("{ attemptsMax: 8 }"))).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "many"})
    void aNumberOfAttemptsThatIsNoneIsRefused(String attempts) {
        assertThatThrownBy(() -> call("{ attemptsMax: " + attempts + " }"))
                .hasMessageContaining("/do/0/only/metadata/attemptsMax: must be a whole number >= 1");
    }

    @Test
    void eachWaitIsTwiceAsLong() {
        var trial = call("{}");
        var waits = new ArrayList<Long>();
        for (int attempt = 1; attempt < 5; attempt++) {
            trial.fail(STEP, attempt, passing());
            waits.add(Duration.between(trial.now, trial.outside.firstTimer().dueAt())
                    .toSeconds());
            trial.elapse();
        }
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L);
    }

    @Test
    void theWaitsOfDifferentStepsAreSpreadAndAlwaysTheSame() {
        var waits = new HashSet<Duration>();
        for (int i = 0; i < 2; i++) {
            for (String name : List.of("a", "b", "c", "d", "e")) {
                var definition = Trial.read("do: [ { " + name + ": { call: f } } ]");
                var trial = Trial.of(definition, new Machine(RetryPolicy.DEFAULT, Secrets.NONE), "{}")
                        .start();
                trial.fail("/do/0/" + name, 1, passing());
                Duration wait = Duration.between(T0, trial.outside.firstTimer().dueAt());
                assertThat(wait).isBetween(Duration.ofMillis(800), Duration.ofMillis(1200));
                waits.add(wait);
            }
        }
        assertThat(waits).hasSize(5);
    }

    @Test
    void theWaitThatTheOtherSideAskedForIsHonoured() {
        var trial = call("{}").fail(STEP, 1, Trial.passingAfter(Duration.ofMinutes(10)));
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(600));
    }

    /** Attempts from {@code first} on are told to come back later. */
    private static Trial busy(Trial trial, int first, int times) {
        Problem busy = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofSeconds(30));
        for (int attempt = first; attempt < first + times; attempt++) {
            trial.fail(STEP, attempt, busy).elapse();
        }
        return trial;
    }

    @Test
    void waitingForRoomUsesUpNoAttempts() {
        var trial = busy(call("{ attemptsMax: 2 }"), 1, 40);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        trial.fail(STEP, 41, passing()).elapse();
        busy(trial, 42, 3);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(trial.fail(STEP, 45, passing()).run.status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void anAttemptThatWasToldToComeBackIsInTheHistoryUnderItsOwnNumber() {
        var trial = busy(call("{}"), 1, 1);
        assertThat(trial.story())
                .endsWith("TASK_QUEUED " + STEP + " 1", "ATTEMPT_FAILED " + STEP + " 1", "TASK_QUEUED " + STEP + " 2");
        assertThat(trial.now).isEqualTo(T0.plusSeconds(30));
    }

    @Test
    void theWaitsOfFailuresDoNotGrowByTheWaitsForRoom() {
        var trial = busy(call("{}"), 1, 9).fail(STEP, 10, passing());
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(trial.now.plusSeconds(1));
    }

    @Test
    void aThousandWaitsForRoomAreTheMost() {
        var trial = busy(call("{ attemptsMax: 1 }"), 1, 1_000);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        Problem busy = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofSeconds(30));
        assertThat(trial.fail(STEP, 1_001, busy).problem().code()).isEqualTo("SL5004");
    }

    @Test
    void theTimeoutOfTheStepEndsWaitingForRoom() {
        var trial = busy(Trial.started("do: [ { only: { call: f, timeout: { after: PT80S } } } ]", "{}"), 1, 3);
        assertThat(trial.now).isEqualTo(T0.plusSeconds(80));
        assertThat(trial.problem().code()).isEqualTo("SL4020");
    }

    @Test
    void whereTheAuthorSaysWhatIsTriedAgainWaitingForRoomIsAFailureToo() {
        var trial = Trial.started(
                "do: [ { t: { try: [ { x: { call: f } } ], catch: { retry: { delay: PT1S, limit: { attempt: { count: 0 } } } } } } ]",
                "{}");
        Problem busy = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofSeconds(30));
        assertThat(trial.fail(trial.leaf(), 1, busy).problem().code()).isEqualTo("SL5004");
    }

    @Test
    void aProblemThatLastsHasNoSecondAttempt() {
        assertThat(call("{ attemptsMax: 9 }").fail(STEP, 1, lasting()).run.status())
                .isEqualTo(RunStatus.FAILED);
    }

    @Test
    void whatTheAttemptsHaveCostEndsThem() {
        var trial = call("{ attemptsMax: 9, costMicrosMax: 100 }");
        trial.take(new Event.StepFailed(STEP, 1, passing(), new Usage(0, 0, 60), T0, T0))
                .elapse();
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        trial.take(new Event.StepFailed(STEP, 2, passing(), new Usage(0, 0, 40), T0, T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.run.usage().costMicros()).isEqualTo(100);
    }

    @Test
    void everyAttemptAsksForTheSameUnderTheSameKey() {
        var trial = Trial.started("do: [ { only: { call: f, with: { at: '${ now }' } } } ]", "{}");
        trial.fail(STEP, 1, passing()).elapse();
        List<Effect.EnqueueTask> tasks = trial.effects(Effect.EnqueueTask.class);
        assertThat(tasks)
                .extracting(Effect.EnqueueTask::arguments)
                .containsOnly(tasks.getFirst().arguments());
        assertThat(tasks).extracting(Effect.EnqueueTask::idempotencyKey).containsOnly(Trial.ID + ":" + STEP);
    }

    @Test
    void theLateResultOfAnAttemptThatFailedChangesNothing() {
        var trial = call("{}").fail(STEP, 1, passing());
        Run waiting = trial.run;
        assertThat(trial.succeed(STEP, 1, "1").run).isSameAs(waiting);
        Run second = trial.elapse().run;
        assertThat(trial.succeed(STEP, 1, "1").run).isSameAs(second);
        assertThat(trial.succeed(STEP, 2, "2").output()).isEqualTo(json("2"));
    }

    @Test
    void aTaskThatWasGivenBackIsQueuedAgainAsTheSameAttempt() {
        var trial = call("{ scheduleToStart: PT1M }");
        trial.now = T0.plusSeconds(30);
        trial.take(new Event.TaskReturned(STEP, 1, trial.now));
        assertThat(trial.effects(Effect.EnqueueTask.class))
                .extracting(Effect.EnqueueTask::attempt)
                .containsExactly(1, 1);
        assertThat(trial.outside.timers).extracting(Effect.SetTimer::dueAt).containsExactly(T0.plusSeconds(90));
    }
}

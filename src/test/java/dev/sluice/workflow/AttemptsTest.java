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

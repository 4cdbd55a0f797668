package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Retry". */
class RetryTest {
    private static Trial trying(String retry, String more) {
        return Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { call: f } } ]
                      catch: { retry: %s%s }
                """.formatted(retry, more), "{n: 1}");
    }

    private static Trial failNext(Trial trial) {
        return trial.fail(trial.leaf(), 1, lasting());
    }

    /** Seconds between the attempts until no more come. */
    private static List<Long> waits(String retry) {
        var trial = trying(retry, "");
        var waits = new ArrayList<Long>();
        while (waits.size() < 6) {
            failNext(trial);
            if (trial.run.status().isFinal()) return waits;
            var before = trial.now;
            trial.elapse();
            waits.add(Duration.between(before, trial.now).toSeconds());
        }
        return waits;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ delay: PT3S, limit: { attempt: { count: 4 } } } | [3, 3, 3, 3]",
                "{ delay: PT3S, backoff: { constant: {} }, limit: { attempt: { count: 4 } } } | [3, 3, 3, 3]",
                "{ delay: PT3S, backoff: { linear: {} }, limit: { attempt: { count: 4 } } } | [3, 6, 9, 12]",
                "{ delay: { seconds: 3 }, backoff: { exponential: {} }, limit: { attempt: { count: 5 } } } | [3, 6, 12, 24, 48]",
                "{ delay: '${ \"PT\\(.n)M\" }', limit: { attempt: { count: 1 } } } | [60]",
                "{ delay: PT10S, limit: { duration: PT35S } } | [10, 10, 10]",
                "{ delay: PT10S, backoff: { exponential: {} }, limit: { duration: PT30S } } | [10, 20]",
                "{ delay: PT3S, limit: { attempt: { count: 0 } } } | []"
            })
    void theWaitsFollowTheBackoffUpToTheLimit(String retry, String waits) {
        assertThat(waits(retry)).hasToString(waits);
    }

    @Test
    void withoutALimitItGoesOnForEver() {
        assertThat(waits("{ delay: PT1S }")).hasSize(6);
    }

    @Test
    void withoutADelayTheNextAttemptComesAtOnce() {
        var trial = failNext(trying("{ limit: { attempt: { count: 2 } } }", ""));
        assertThat(trial.leaf()).isEqualTo("/do/0/guarded/try/0/x#1");
        assertThat(trial.outside.timers).isEmpty();
    }

    @Test
    void aBlockThatFailsAtOnceForEverCanBeCancelled() {
        var trial = Trial.of("""
                do:
                  - guarded:
                      try: [ { x: { raise: { error: { type: 'https://e', status: 500 } } } } ]
                      catch: { retry: {} }
                """, "{}");
        trial.takeAlone(new Event.RunStarted(T0)).takeAlone(new Event.CancelRequested("enough", T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    void eachAttemptBeginsWithTheInputOfTheTryAndIsAVisitOfItsOwn() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { a: { set: { n: '${ .n + 1 }' } } }, { x: { call: f, with: { n: '${ .n }' } } } ]
                      catch: { retry: { delay: PT1S } }
                """, "{n: 1}");
        failNext(trial).elapse();
        assertThat(trial.leaf()).isEqualTo("/do/0/guarded/try/1/x#1");
        assertThat(trial.arguments()).isEqualTo(json("{n: 2}"));
        assertThat(trial.last(Effect.EnqueueTask.class).idempotencyKey()).endsWith("/x#1");
    }

    @Test
    void theLateResultOfAnEarlierAttemptChangesNothing() {
        var trial = failNext(trying("{ delay: PT1S }", "")).elapse();
        Run second = trial.run;
        assertThat(trial.succeed("/do/0/guarded/try/0/x", 1, "1").run).isSameAs(second);
    }

    @Test
    void aSuccessAtLastIsASuccess() {
        var trial = failNext(trying("{ delay: PT1S }", "")).elapse();
        assertThat(failNext(trial).elapse().succeed("'done'").output()).isEqualTo(json("'done'"));
    }

    @Test
    void whenTheAttemptsAreUsedUpTheHandlerComes() {
        var trial = trying(
                "{ delay: PT1S, limit: { attempt: { count: 1 } } }",
                ", do: [ { told: { set: '${ $error.status }' } } ]");
        failNext(failNext(trial).elapse());
        assertThat(trial.output()).isEqualTo(json("422"));
    }

    @Test
    void whenTheAttemptsAreUsedUpWithoutHandlerTheErrorGoesOn() {
        var trial = trying("{ delay: PT1S, limit: { attempt: { count: 1 } } }", "");
        failNext(failNext(trial).elapse());
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded");
        assertThat(trial.problem().instance()).isEqualTo("/do/0/guarded/try/0/x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ when: '$error.status == 500', delay: PT1S }",
                "{ exceptWhen: '$error.status == 422', delay: PT1S }"
            })
    void anErrorThatTheRetryIsNotForIsHandledAtOnce(String retry) {
        var trial = failNext(trying(retry, ", do: [ { told: { set: { a: 1 } } } ]"));
        assertThat(trial.output()).isEqualTo(json("{a: 1}"));
    }

    @Test
    void anErrorThatIsNotCaughtIsNotTriedAgain() {
        var trial = failNext(trying("{ delay: PT1S }", ", errors: { with: { status: 500 } }"));
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void aReusablePolicyIsTakenByItsName() {
        var trial = Trial.started("""
                use: { retries: { often: { delay: PT7S, limit: { attempt: { count: 1 } } } } }
                do:
                  - guarded:
                      try: [ { x: { call: f } } ]
                      catch: { retry: often }
                """, "{}");
        assertThat(failNext(trial).outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(7));
    }

    @Test
    void jitterMakesTheWaitLongerWithinItsBoundsAndAlwaysTheSame() {
        var waits = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            var trial = failNext(trying("{ delay: PT10S, jitter: { from: PT1S, to: PT5S } }", ""));
            waits.add(Duration.between(T0, trial.outside.firstTimer().dueAt()).toMillis());
        }
        assertThat(waits.getFirst()).isBetween(11_000L, 15_000L);
        assertThat(waits).containsOnly(waits.getFirst());
    }

    @Test
    void theWaitThatTheOtherSideAskedForIsHonoured() {
        var trial = trying("{ delay: PT1S }", "")
                .fail("/do/0/guarded/try/0/x", 1, Trial.passingAfter(Duration.ofMinutes(5)));
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(300));
    }

    @Test
    void insideATryWithRetryACallHasOneAttemptUnlessItsOwnLimitSaysOtherwise() {
        var trial = trying("{ delay: PT1S }", "").fail("/do/0/guarded/try/0/x", 1, Trial.passing());
        assertThat(trial.run.steps().get("/do/0/guarded")).isInstanceOf(StepState.Retrying.class);
        var limited = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { call: f, metadata: { attemptsMax: 2 } } } ]
                      catch: { retry: { delay: PT1S } }
                """, "{}").fail("/do/0/guarded/try/0/x", 1, Trial.passing());
        assertThat(limited.run.steps().get("/do/0/guarded/try/0/x")).isInstanceOf(StepState.Backoff.class);
    }

    @Test
    void anAttemptThatTakesTooLongIsGivenUpAndTriedAgain() {
        var trial = trying("{ delay: PT1S, limit: { attempt: { count: 1, duration: PT30S } } }", "");
        trial.elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(30));
        assertThat(trial.effects(Effect.AbortTask.class)).hasSize(1);
        trial.elapse();
        assertThat(trial.leaf()).isEqualTo("/do/0/guarded/try/0/x#1");
        trial.elapse();
        assertThat(trial.problem().type()).isEqualTo(StandardError.TIMEOUT.type());
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void theTimerOfAnAttemptIsGoneWhenItEnds() {
        var trial = trying("{ limit: { attempt: { count: 1, duration: PT30S } } }", "")
                .succeed("1");
        assertThat(trial.outside.timers).isEmpty();
    }

    @Test
    void aTryThatIsTriedAgainInsideATryIsAVisitOfBothAttempts() {
        var trial = Trial.started("""
                do:
                  - outer:
                      try:
                        - inner:
                            try: [ { x: { call: f } } ]
                            catch: { retry: { limit: { attempt: { count: 1 } } } }
                      catch: { retry: { limit: { attempt: { count: 1 } } } }
                """, "{}");
        String x = "/do/0/outer/try/0/inner/try/0/x";
        var leaves = new ArrayList<String>();
        while (!trial.run.status().isFinal()) {
            leaves.add(trial.leaf());
            failNext(trial);
        }
        assertThat(leaves).containsExactly(x, x + "#0.1", x + "#1.0", x + "#1.1");
    }

    @Test
    void aConditionOfRetryThatFailsLeftTheTryWithNothingInside() {
        var trial = failNext(trying("{ when: '.n.x', delay: PT1S }", ""));
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded");
        assertThat(trial.problem().detail()).startsWith("/do/0/guarded/catch/retry/when:");
        trial.take(new Event.RetryRequested(trial.now));
        assertThat(trial.leaf()).isEqualTo("/do/0/guarded/try/0/x");
        assertThat(trial.outside.wakers()).hasSize(1);
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Timeout": of steps and of workflows. */
class TimeoutTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ call: f }",
                "{ do: [ { x: { call: f } } ] }",
                "{ for: { in: '[range(300)]' }, do: [ { x: { call: f } } ] }",
                "{ fork: { branches: [ { x: { call: f } }, { y: { wait: PT1H } }, { z: { set: { a: 1 } } } ] } }",
                "{ try: [ { x: { call: f } } ], catch: {} }",
                "{ wait: PT1H }",
                "{ listen: { to: { any: [] } } }",
                "{ run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }"
            })
    void aStepThatTakesTooLongIsGivenUpWithAllInsideIt(String step) {
        var trial = Trial.started("do: [ { only: { timeout: { after: PT10S }, " + step.substring(1) + " } ]", "{}");
        trial.elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(10));
        assertThat(trial.failure().step()).isEqualTo("/do/0/only");
        assertThat(trial.problem().type()).isEqualTo(StandardError.TIMEOUT.type());
        assertThat(trial.problem().status()).isEqualTo(408);
        assertThat(trial.problem().instance()).isEqualTo("/do/0/only");
        assertThat(trial.outside.wakers()).isEmpty();
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void theTimerIsForgottenWhenTheStepEnds() {
        var trial = Trial.started("do: [ { only: { call: f, timeout: { after: PT10S } } } ]", "{}")
                .succeed("1");
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aTimerThatCameTooLateChangesNothing() {
        var trial = Trial.started("do: [ { a: { call: f, timeout: { after: PT10S } } }, { b: { call: g } } ]", "{}");
        var elapsed = trial.outside.firstTimer().event();
        trial.succeed("1");
        Run second = trial.run;
        assertThat(trial.take(elapsed).run).isSameAs(second);
    }

    @Test
    void aTimeoutCanBeCaught() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { call: f, timeout: { after: PT10S } } } ]
                      catch:
                        errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout' } }
                        do: [ { told: { set: { late: '${ $error.instance }' } } } ]
                """, "{}").elapse();
        assertThat(trial.output()).isEqualTo(json("{late: '/do/0/guarded/try/0/x'}"));
        assertThat(trial.effects(Effect.AbortTask.class)).hasSize(1);
    }

    @Test
    void theTimeoutOfATryIsNotCaughtByItself() {
        var trial = Trial.started("""
                do: [ { guarded: { try: [ { x: { call: f } } ], catch: {}, timeout: { after: PT10S } } } ]
                """, "{}").elapse();
        assertThat(trial.failure().step()).isEqualTo("/do/0/guarded");
    }

    @Test
    void theTimeoutOfATryEndsTheWaitBetweenItsAttempts() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      timeout: { after: PT10S }
                      try: [ { x: { call: f } } ]
                      catch: { retry: { delay: PT1H } }
                """, "{}").fail("/do/0/guarded/try/0/x", 1, Trial.lasting());
        assertThat(trial.elapse().problem().type()).isEqualTo(StandardError.TIMEOUT.type());
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void theTimeoutCoversAllAttemptsOfACall() {
        var trial = Trial.started("do: [ { only: { call: f, timeout: { after: PT10S } } } ]", "{}");
        trial.fail("/do/0/only", 1, Trial.passingAfter(Duration.ofHours(1))).elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(10));
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    void anInnerTimeoutEndsFirst() {
        var trial = Trial.started("""
                do:
                  - outer:
                      timeout: { after: PT20S }
                      do:
                        - guarded: { try: [ { x: { call: f, timeout: { after: PT5S } } } ], catch: {} }
                        - y: { call: g }
                """, "{}").elapse();
        assertThat(trial.leaf()).isEqualTo("/do/0/outer/do/1/y");
        trial.elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(20));
        assertThat(trial.failure().step()).isEqualTo("/do/0/outer");
    }

    @Test
    void eachRoundOfALoopHasTheWholeTime() {
        var trial = Trial.started("""
                do: [ { all: { for: { in: '[1, 2]' }, do: [ { x: { call: f, timeout: { after: PT10S } } } ] } } ]
                """, "{}");
        trial.now = T0.plusSeconds(8);
        trial.succeed("1");
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(T0.plusSeconds(18));
    }

    @Test
    void aTimeoutOfUseIsTakenByItsName() {
        var trial = Trial.started("""
                use: { timeouts: { short: { after: PT7S } } }
                timeout: short
                do: [ { only: { call: f, timeout: short } } ]
                """, "{}");
        assertThat(trial.outside.timers)
                .extracting(Effect.SetTimer::dueAt)
                .containsExactly(T0.plusSeconds(7), T0.plusSeconds(7));
    }

    @Test
    void theTimeOfATimeoutMayBeAnExpression() {
        var trial = Trial.started("""
                timeout: { after: '${ "PT\\(.s)M" }' }
                do: [ { only: { call: f, timeout: { after: '${ "PT\\(.s)S" }' } } } ]
                """, "{s: 5}");
        assertThat(trial.outside.timers)
                .extracting(Effect.SetTimer::dueAt)
                .containsExactly(T0.plusSeconds(300), T0.plusSeconds(5));
    }

    @Test
    void aWorkflowThatTakesTooLongFailsAndGivesUpItsSteps() {
        var trial = Trial.started("timeout: { after: PT30S }\ndo: [ { a: { call: f } }, { b: { call: g } } ]", "{}");
        trial.succeed("1").elapse();
        assertThat(trial.now).isEqualTo(T0.plusSeconds(30));
        assertThat(trial.failure().step()).isEmpty();
        assertThat(trial.problem().type()).isEqualTo(StandardError.TIMEOUT.type());
        assertThat(trial.outside.wakers()).isEmpty();
        assertThat(trial.story()).contains("STEP_CANCELLED /do/1/b");
    }

    @Test
    void theTimerOfAWorkflowIsForgottenWhenItEnds() {
        String rest = "timeout: { after: PT30S }\ndo: [ { a: { call: f } } ]";
        assertThat(Trial.started(rest, "{}").succeed("1").outside.wakers()).isEmpty();
        assertThat(Trial.started(rest, "{}")
                        .fail("/do/0/a", 1, Trial.lasting())
                        .outside
                        .wakers())
                .isEmpty();
        assertThat(Trial.started(rest, "{}")
                        .take(new Event.CancelRequested("", T0))
                        .outside
                        .wakers())
                .isEmpty();
    }

    @Test
    void aTimeoutOfTheWorkflowThatIsNoDurationBroughtTheMachineDown() {
        var trial = Trial.started("timeout: { after: '${ .n.x }' }\ndo: [ { a: { call: f } } ]", "{n: 1}");
        assertThat(trial.problem().detail()).startsWith("/timeout/after:");
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void noTimeAtAllIsOverAtOnce() {
        var trial = Trial.started("do: [ { only: { call: f, timeout: { after: PT0S } } } ]", "{}")
                .elapse();
        assertThat(trial.now).isEqualTo(T0);
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
    }
}

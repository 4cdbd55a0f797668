package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Run" and "Workflow Process". */
class RunWorkflowTest {
    private static final String STEP = "/do/0/sub";

    private static Trial running(String more) {
        return Trial.started(
                "do: [ { sub: { run: { workflow: { namespace: n, name: w, version: '1.2.3' } " + more + " } ]",
                "{x: 1}");
    }

    private static Event ended(int attempt, Problem problem) {
        return new Event.ChildEnded(
                STEP,
                attempt,
                problem == null ? value("{made: 1}") : Value.NULL,
                Optional.ofNullable(problem),
                Trial.T0);
    }

    @Test
    void aRunOfTheOtherWorkflowIsStartedWithTheStepsInput() {
        var trial = running("} }");
        assertThat(trial.effects)
                .containsExactly(new Effect.StartRun(STEP, 1, "n", "w", "1.2.3", value("{x: 1}"), true));
        assertThat(trial.run.status()).isEqualTo(RunStatus.WAITING);
    }

    @Test
    void itsInputMayBeGiven() {
        var trial = Trial.started("""
                do: [ { sub: { run: { workflow: { namespace: n, name: w, version: latest, input: { y: '${ .x + 1 }' } } } } } ]
                """, "{x: 1}");
        assertThat(trial.last(Effect.StartRun.class).input()).isEqualTo(value("{y: 2}"));
        assertThat(trial.last(Effect.StartRun.class).version()).isEqualTo("latest");
    }

    @Test
    void itsOutputIsTheSteps() {
        assertThat(running("} }").take(ended(1, null)).output()).isEqualTo(json("{made: 1}"));
    }

    @Test
    void withoutAwaitTheInputIsTheOutputAtOnce() {
        var trial = running(", await: false } }");
        assertThat(trial.output()).isEqualTo(json("{x: 1}"));
        assertThat(trial.last(Effect.StartRun.class).await()).isFalse();
    }

    @Test
    void itsErrorIsTheStepsAndCanBeCaught() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { sub: { run: { workflow: { namespace: n, name: w, version: '1.0.0' } } } } ]
                      catch: { errors: { with: { status: 422 } }, do: [ { told: { set: '${ $error.detail }' } } ] }
                """, "{}");
        trial.take(new Event.ChildEnded(trial.leaf(), 1, Value.NULL, Optional.of(Trial.lasting()), Trial.T0));
        assertThat(trial.output()).isEqualTo(json("'damaged'"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void theEndOfAnotherAttemptChangesNothing(int attempt) {
        var trial = running("} }");
        Run before = trial.run;
        assertThat(trial.take(ended(attempt, null)).run).isSameAs(before);
    }

    @Test
    void theSecondReportOfTheSameEndChangesNothing() {
        var trial = Trial.started("""
                do:
                  - sub: { run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }
                  - next: { call: f }
                """, "{}").take(ended(1, null));
        Run next = trial.run;
        assertThat(trial.take(ended(1, null)).run).isSameAs(next);
    }

    @ParameterizedTest
    @EnumSource
    void whatBecomesOfItWhenTheRunEndsIsForTheAuthorToSay(Effect.ClosePolicy policy) {
        var trial = running("}, metadata: { closePolicy: " + policy.name().toLowerCase(java.util.Locale.ROOT) + " } }");
        trial.take(new Event.CancelRequested("", Trial.T0));
        if (policy == Effect.ClosePolicy.ABANDON)
            assertThat(trial.effects(Effect.EndChild.class)).isEmpty();
        else assertThat(trial.last(Effect.EndChild.class)).isEqualTo(new Effect.EndChild(STEP, 1, policy));
    }

    @Test
    void itIsCancelledUnlessTheAuthorSaysOtherwise() {
        var trial = running("}, timeout: { after: PT1M } }").elapse();
        assertThat(trial.run.status()).isEqualTo(RunStatus.FAILED);
        assertThat(trial.last(Effect.EndChild.class))
                .isEqualTo(new Effect.EndChild(STEP, 1, Effect.ClosePolicy.CANCEL));
    }

    @Test
    void aRetryOfTheFailedRunStartsAnotherOne() {
        var trial = running("} }").take(ended(1, Trial.lasting()));
        trial.take(new Event.RetryRequested(Trial.T0));
        assertThat(trial.last(Effect.StartRun.class).attempt()).isEqualTo(2);
        assertThat(trial.take(ended(2, null)).output()).isEqualTo(json("{made: 1}"));
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a call in another branch when a run is taken back to a moment at which it was under way. */
class ResetCallsTest {
    private static final String TWO_BRANCHES = """
            do:
              - both:
                  fork:
                    branches:
                      - a: { do: [ { a1: { call: f } }, { a2: { call: f } } ] }
                      - b: { call: g }
            """;
    private static final String A1 = "/do/0/both/fork/branches/0/a/do/0/a1";
    private static final String A2 = "/do/0/both/fork/branches/0/a/do/1/a2";
    private static final String B = "/do/0/both/fork/branches/1/b";

    @Test
    void aFunctionThatHadPromisedAResultAndGaveItIsAskedAnew() {
        var trial = Trial.started(TWO_BRANCHES, "{}")
                .take(new Event.StepDeferred(B, 1, Duration.ZERO, Usage.NONE, T0))
                .succeed(A1, 1, "1")
                .succeed(B, 1, "'b'");
        trial.reset(A2, null);
        assertThat(trial.outside.wakers()).containsExactly("task " + A2 + "#!1 1", "task " + B + "#!1 1");
        trial.succeed(A2 + "#!1", 1, "2").succeed(B + "#!1", 1, "'again'");
        assertThat(trial.output()).isEqualTo(json("[2, 'again']"));
    }

    @Test
    void noCallIsAbortedAndAskedForUnderTheSameName() {
        var trial = Trial.started(TWO_BRANCHES, "{}").succeed(A1, 1, "1");
        trial.effects.clear();
        trial.reset(A2, null);
        List<String> aborted = trial.effects(Effect.AbortTask.class).stream()
                .map(Effect.AbortTask::step)
                .toList();
        List<String> asked = trial.effects(Effect.EnqueueTask.class).stream()
                .map(Effect.EnqueueTask::step)
                .toList();
        assertThat(aborted).containsExactlyInAnyOrder(A2, B);
        assertThat(asked).hasSize(2).doesNotContainAnyElementsOf(aborted);
    }

    @Test
    void aPauseBeforeTheNextAttemptGoesOnUnderTheNewName() {
        var trial = Trial.started(TWO_BRANCHES, "{}")
                .fail(B, 1, Trial.passing())
                .succeed(A1, 1, "1")
                .elapse()
                .succeed(B, 2, "'b'");
        trial.reset(A2, null);
        assertThat(trial.outside.firstTimer().event().step()).isEqualTo(B + "#!1");
        assertThat(trial.elapse().outside.tasks).containsKey(B + "#!1 2");
    }

    @Test
    void aPersonWhoHadAnsweredIsAskedAnew() {
        String asks = TWO_BRANCHES.replace(
                "{ call: g }",
                "{ listen: { to: { one: { with: { type: dev.sluice.approval.answered.v1 } } } }, metadata: { approval: ok } }");
        var trial = Trial.started(asks, "{}").succeed(A1, 1, "1");
        String first = trial.last(Effect.EmitEvent.class).event().path("id").asText();
        trial.event("{type: 'dev.sluice.approval.answered.v1', data: 1}").reset(A2, null);
        assertThat(trial.last(Effect.EmitEvent.class).event().path("id").asText())
                .isNotEqualTo(first);
        assertThat(trial.last(Effect.Subscribe.class).step()).isEqualTo(B + "#!1");
        trial.succeed(A2 + "#!1", 1, "2").event("{type: 'dev.sluice.approval.answered.v1', data: 3}");
        assertThat(trial.output()).isEqualTo(json("[2, [3]]"));
    }
}

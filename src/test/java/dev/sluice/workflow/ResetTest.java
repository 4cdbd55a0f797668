package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A person takes a run back to the moment before one of its steps. */
class ResetTest {
    private static final String THREE = """
            do:
              - a: { call: f, export: { as: '${ $context + { a: . } }' } }
              - b: { call: g, with: { got: '${ . }' }, export: { as: '${ $context + { b: . } }' } }
              - c: { call: h }
            """;

    @Test
    void itGoesOnFromThereWithTheInputAndContextOfThen() {
        var trial = Trial.started(THREE, "{}").succeed("1").succeed("2").reset("/do/1/b", null);
        assertThat(trial.leaf()).isEqualTo("/do/1/b#!1");
        assertThat(trial.arguments()).isEqualTo(json("{got: 1}"));
        assertThat(trial.context()).isEqualTo(json("{a: 1}"));
        assertThat(trial.run.resets()).isEqualTo(1);
        assertThat(trial.succeed("3").succeed("4").output()).isEqualTo(json("4"));
        assertThat(trial.context()).isEqualTo(json("{a: 1, b: 3}"));
    }

    @Test
    void theStepMayGetAnotherInput() {
        var trial = Trial.started(THREE, "{}").succeed("1").reset("/do/1/b", "{other: true}");
        assertThat(trial.arguments()).isEqualTo(json("{got: {other: true}}"));
    }

    @Test
    void whatWasUnderWayIsGivenUp() {
        var trial = Trial.started(THREE, "{}").succeed("1").succeed("2").reset("/do/0/a", null);
        assertThat(trial.effects(Effect.AbortTask.class)).containsExactly(new Effect.AbortTask("/do/2/c", 1));
        assertThat(trial.outside.wakers()).containsExactly("task /do/0/a#!1 1");
    }

    @Test
    void lateResultsOfBeforeTheResetChangeNothing() {
        var trial = Trial.started(THREE, "{}").succeed("1").reset("/do/0/a", null);
        Run reset = trial.run;
        for (String step : List.of("/do/0/a", "/do/1/b")) {
            assertThat(trial.succeed(step, 1, "9").run).isSameAs(reset);
        }
    }

    @Test
    void aRunThatHasEndedHoweverItDidGoesOn() {
        assertThat(Trial.started(THREE, "{}")
                        .succeed("1")
                        .succeed("2")
                        .succeed("3")
                        .reset("/do/2/c", null)
                        .leaf())
                .isEqualTo("/do/2/c#!1");
        assertThat(Trial.started(THREE, "{}")
                        .fail("/do/0/a", 1, lasting())
                        .reset("/do/0/a", null)
                        .leaf())
                .isEqualTo("/do/0/a#!1");
        assertThat(Trial.started(THREE, "{}")
                        .take(new Event.CancelRequested("", T0))
                        .reset("/do/0/a", null)
                        .leaf())
                .isEqualTo("/do/0/a#!1");
    }

    @Test
    void aPausedRunGoesOnAndTakesInWhatWasHeldBack() {
        var trial =
                Trial.started(THREE, "{}").take(new Event.PauseRequested(T0)).succeed("/do/0/a", 1, "1");
        trial.reset("/do/0/a", null);
        assertThat(trial.effects(Effect.Release.class)).hasSize(1);
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void aRunCanBeResetToAStepThatItEnteredAfterAReset() {
        var trial = Trial.started(THREE, "{}")
                .succeed("1")
                .reset("/do/0/a", null)
                .succeed("5")
                .succeed("6");
        trial.reset("/do/1/b#!1", null);
        assertThat(trial.leaf()).isEqualTo("/do/1/b#!2");
        assertThat(trial.arguments()).isEqualTo(json("{got: 5}"));
        assertThat(trial.succeed("7").succeed("8").output()).isEqualTo(json("8"));
    }

    @Test
    void aRunCanBeResetToAStepOfBeforeAReset() {
        var trial = Trial.started(THREE, "{}")
                .succeed("1")
                .succeed("2")
                .reset("/do/1/b", null)
                .succeed("5");
        trial.reset("/do/0/a", null);
        assertThat(trial.leaf()).isEqualTo("/do/0/a#!2");
    }

    @Test
    void aStepThatWasNeverEnteredIsNotFound() {
        var trial = Trial.started(THREE, "{}");
        for (String step : List.of("/do/1/b", "/do/9/x", "/do/0/a#1", "")) {
            assertThat(trial.machine.rewind(trial.definition, trial.accepted, trial.events, step))
                    .isEmpty();
        }
    }

    @Test
    void insideALoopItGoesOnWithTheItemOfThatRound() {
        var trial = Trial.started("""
                do: [ { all: { for: { in: '[10, 20, 30]' }, do: [ { x: { call: f, with: { item: '${ $item }', was: '${ . }' } } } ] } } ]
                """, "{}").succeed("1").succeed("2");
        trial.reset("/do/0/all/do/0/x#1", null);
        assertThat(trial.leaf()).isEqualTo("/do/0/all/do/0/x#1!1");
        assertThat(trial.arguments()).isEqualTo(json("{item: 20, was: 1}"));
        assertThat(trial.succeed("3").succeed("4").output()).isEqualTo(json("4"));
    }

    @Test
    void insideALongLoopTheChunksAreThereAgain() {
        var trial = Trial.started("""
                do: [ { all: { for: { in: '[range(250)]' }, do: [ { x: { if: '$item % 90 == 0', call: f } }, { y: { set: '${ $item }' } } ] } } ]
                """, "{}").succeed("1").succeed("2").succeed("3");
        assertThat(trial.output()).isEqualTo(json("249"));
        trial.reset("/do/0/all/do/0/x#90", null);
        assertThat(trial.outside.items.get("/do/0/all")).hasSize(2);
        assertThat(trial.succeed("2").succeed("3").output()).isEqualTo(json("249"));
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void aBranchGoesBackWithTheOthersAsTheyWereThen() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { do: [ { a1: { call: f } }, { a2: { call: f } } ] }
                          - b: { call: g }
                """, "{}");
        String a = "/do/0/both/fork/branches/0/a/do/";
        String b = "/do/0/both/fork/branches/1/b";
        trial.succeed(a + "0/a1", 1, "1").succeed(b, 1, "'b'").reset(a + "1/a2", null);
        assertThat(trial.outside.wakers()).containsExactly("task " + a + "1/a2#!1 1", "task " + b + "#!1 1");
        assertThat(trial.succeed(a + "1/a2#!1", 1, "2")
                        .succeed(b + "#!1", 1, "'again'")
                        .output())
                .isEqualTo(json("[2, 'again']"));
    }

    @Test
    void aBranchItselfCanBeWhatItGoesBackTo() {
        var trial = Trial.started(DataFlowTest.FORK, "{n: 1}").succeed("/do/0/both/fork/branches/0/left", 1, "1");
        trial.reset("/do/0/both/fork/branches/0/left", null);
        trial.succeed("/do/0/both/fork/branches/0/left#!1", 1, "2")
                .succeed("/do/0/both/fork/branches/1/right#!1", 1, "3");
        assertThat(trial.output()).isEqualTo(json("[2, 3]"));
    }

    @Test
    void insideATryItsHandlerStillHolds() {
        var trial = Trial.started("""
                do: [ { g: { try: [ { a: { call: f } }, { b: { call: f } } ], catch: { do: [ { told: { set: { caught: true } } } ] } } } ]
                """, "{}").succeed("1").fail("/do/0/g/try/1/b", 1, lasting());
        assertThat(trial.output()).isEqualTo(json("{caught: true}"));
        trial.reset("/do/0/g/try/1/b", null).fail("/do/0/g/try/1/b#!1", 1, lasting());
        assertThat(trial.output()).isEqualTo(json("{caught: true}"));
    }

    @Test
    void insideAHandlerItsErrorIsStillKnown() {
        var trial =
                Trial.started("""
                do: [ { g: { try: [ { a: { call: f } } ], catch: { do: [ { b: { call: g, with: { e: '${ $error.status }' } } } ] } } } ]
                """, "{}").fail("/do/0/g/try/0/a", 1, lasting()).succeed("1");
        assertThat(trial.reset("/do/0/g/catch/do/0/b", null).arguments()).isEqualTo(json("{e: 422}"));
    }

    @Test
    void timersOfThenHadLongRunOut() {
        var trial = Trial.started(
                "do: [ { block: { timeout: { after: PT30M }, do: [ { a: { call: f } }, { b: { call: g } } ] } } ]",
                "{}");
        trial.now = T0.plusSeconds(600);
        trial.succeed("1");
        trial.now = T0.plus(Duration.ofDays(1));
        trial.succeed("2").reset("/do/0/block/do/1/b", null);
        assertThat(trial.outside.firstTimer().dueAt()).isEqualTo(trial.now.plusSeconds(1200));
    }

    private static final String CHILD = """
            do:
              - both:
                  fork:
                    branches:
                      - a: { do: [ { a1: { call: f } }, { a2: { call: f } } ] }
                      - b: { run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }
            """;

    private static Event childEnded(String step) {
        return new Event.ChildEnded(step, 1, Trial.value("'child'"), Optional.empty(), T0);
    }

    @Test
    void aRunThatAnotherBranchWaitsForAllAlongWasEnded() {
        String branches = "/do/0/both/fork/branches/";
        var trial = Trial.started(CHILD, "{}").succeed(branches + "0/a/do/0/a1", 1, "1");
        trial.reset(branches + "0/a/do/1/a2", null);
        assertThat(trial.effects(Effect.EndChild.class)).isEmpty();
        trial.take(childEnded(branches + "1/b")).succeed("2");
        assertThat(trial.output()).isEqualTo(json("[2, 'child']"));
    }

    @Test
    void whatBeganTogetherWithTheStepBeginsUnderANewNameToo() {
        String b = "/do/0/both/fork/branches/1/b";
        var trial = Trial.started(CHILD, "{}").reset("/do/0/both/fork/branches/0/a", null);
        assertThat(trial.effects(Effect.EndChild.class)).hasSize(1);
        assertThat(trial.last(Effect.StartRun.class).step()).isEqualTo(b + "#!1");
        Run reset = trial.run;
        assertThat(trial.take(childEnded(b)).run).isSameAs(reset);
        assertThat(trial.take(childEnded(b + "#!1")).succeed("1").succeed("2").output())
                .isEqualTo(json("[2, 'child']"));
    }

    @Test
    void aRaceThatWasLostAtOnceCannotBeGoneBackTo() {
        var trial = Trial.started(
                "do: [ { race: { fork: { compete: true, branches: [ { a: { set: { w: a } } }, { b: { call: f } } ] } } } ]",
                "{}");
        assertThat(trial.machine.rewind(trial.definition, trial.accepted, trial.events, "/do/0/race/fork/branches/1/b"))
                .isEmpty();
    }
}

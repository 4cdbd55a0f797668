package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The DSL reference, "Fork". */
class ForkTest {
    private static final String RACE = """
            do:
              - race:
                  fork:
                    compete: true
                    branches:
                      - fast: { call: f }
                      - slow: { do: [ { wait: { wait: PT1H } }, { late: { call: g } } ] }
              - last: { set: { won: '${ . }' } }
            """;

    @Test
    void theOutputIsTheArrayOfTheBranchesOutputsInTheOrderOfTheDocument() {
        var trial = Trial.started(DataFlowTest.FORK, "{n: 1}");
        trial.succeed("/do/0/both/fork/branches/1/right", 1, "2").succeed("/do/0/both/fork/branches/0/left", 1, "1");
        assertThat(trial.output()).isEqualTo(json("[1, 2]"));
    }

    @Test
    void theFirstBranchToFinishWinsTheRaceAndTheOthersAreGivenUp() {
        var trial = Trial.started(RACE, "{}").succeed("/do/0/race/fork/branches/0/fast", 1, "'f'");
        assertThat(trial.output()).isEqualTo(json("{won: 'f'}"));
        assertThat(trial.outside.wakers()).isEmpty();
        assertThat(trial.story()).contains("STEP_CANCELLED /do/0/race/fork/branches/1/slow/do/0/wait");
    }

    @Test
    void theTaskOfABranchThatLostIsAborted() {
        var trial = Trial.started(RACE, "{}").elapse().succeed("/do/0/race/fork/branches/1/slow/do/1/late", 1, "'g'");
        assertThat(trial.effects(Effect.AbortTask.class))
                .containsExactly(new Effect.AbortTask("/do/0/race/fork/branches/0/fast", 1));
        assertThat(trial.output()).isEqualTo(json("{won: 'g'}"));
    }

    @Test
    void theLateResultOfABranchThatLostChangesNothing() {
        var trial = Trial.started("""
                do:
                  - race: { fork: { compete: true, branches: [ { a: { call: f } }, { b: { call: g } } ] } }
                  - last: { call: h }
                """, "{}");
        trial.succeed("/do/0/race/fork/branches/0/a", 1, "1");
        Run won = trial.run;
        assertThat(trial.succeed("/do/0/race/fork/branches/1/b", 1, "2").run).isSameAs(won);
    }

    @Test
    void aRaceThatIsWonWhileAnotherBranchIsBeingEnteredBroughtTheMachineDown() {
        var trial = Trial.started("""
                do:
                  - race:
                      fork:
                        compete: true
                        branches:
                          - first: { set: { a: 1 } }
                          - second: { do: [ { x: { set: { b: 1 } } }, { y: { call: f } } ] }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{a: 1}"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aFailureInARaceEndsIt() {
        var trial = Trial.started(RACE, "{}").fail("/do/0/race/fork/branches/0/fast", 1, lasting());
        assertThat(trial.failure().step()).isEqualTo("/do/0/race/fork/branches/0/fast");
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void aBranchThatIsSkippedGivesTheForksInput() {
        var trial = Trial.started("""
                do: [ { both: { fork: { branches: [ { a: { if: .no, call: f } }, { b: { set: { b: 1 } } } ] } } } ]
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("[{n: 1}, {b: 1}]"));
    }

    @Test
    void aForkWithOneBranchGivesAnArrayOfOne() {
        assertThat(Trial.started("do: [ { f: { fork: { branches: [ { a: { set: { b: 1 } } } ] } } } ]", "{}")
                        .output())
                .isEqualTo(json("[{b: 1}]"));
    }

    @Test
    void aRaceWithoutBranchesGivesItsInput() {
        assertThat(Trial.started("do: [ { f: { fork: { compete: true, branches: [] } } } ]", "{n: 1}")
                        .output())
                .isEqualTo(json("{n: 1}"));
    }

    @Test
    void forksInsideForksJoinFromTheInside() {
        var trial = Trial.started("""
                do:
                  - outer:
                      fork:
                        branches:
                          - inner: { fork: { branches: [ { a: { call: f } }, { b: { call: f } } ] } }
                          - c: { call: f }
                """, "{}");
        String inner = "/do/0/outer/fork/branches/0/inner/fork/branches/";
        trial.succeed(inner + "1/b", 1, "'b'").succeed("/do/0/outer/fork/branches/1/c", 1, "'c'");
        assertThat(trial.succeed(inner + "0/a", 1, "'a'").output()).isEqualTo(json("[['a', 'b'], 'c']"));
    }

    @Test
    void endInABranchEndsTheRunWithThatOutputAndGivesUpTheOthers() {
        var trial = Trial.started("""
                do:
                  - both: { fork: { branches: [ { a: { call: f, then: end } }, { b: { call: g } } ] } }
                  - never: { call: h }
                """, "{}").succeed("/do/0/both/fork/branches/0/a", 1, "'a'");
        assertThat(trial.output()).isEqualTo(json("'a'"));
        assertThat(trial.effects(Effect.AbortTask.class))
                .containsExactly(new Effect.AbortTask("/do/0/both/fork/branches/1/b", 1));
    }

    @Test
    void exitInABranchEndsThatBranchOnly() {
        var trial = Trial.started("""
                do:
                  - both: { fork: { branches: [ { a: { set: { a: 1 }, then: exit } }, { b: { set: { b: 1 } } } ] } }
                  - last: { set: { all: '${ . }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{all: [{a: 1}, {b: 1}]}"));
    }

    @Test
    void branchesThatHadJoinedStayedBehindWhenTheForkWasGivenUpInTheSameTransition() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try:
                        - all: { fork: { branches: [ { a: { set: { a: 1 } } }, { b: { do: [ { x: { set: { b: 1 } } }, { boom: { raise: { error: { type: 'https://e', status: 500 } } } } ] } } ] } }
                      catch: { do: [ { wait: { wait: PT1H } } ] }
                """, "{}");
        assertThat(trial.run.steps().values()).noneMatch(StepState.Joined.class::isInstance);
    }

    @Test
    void exportsOfBranchesAreSeenByTheNextStep() {
        var trial = Trial.started("""
                do:
                  - both:
                      fork:
                        branches:
                          - a: { set: { a: 1 }, export: { as: '${ $context + . }' } }
                          - b: { set: { b: 2 }, export: { as: '${ $context + . }' } }
                  - last: { set: '${ $context }' }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{a: 1, b: 2}"));
    }

    @Test
    void aThousandBranchesJoin() {
        var rest = new StringBuilder("do:\n- all:\n    fork:\n      branches:\n");
        for (int i = 0; i < 1_500; i++)
            rest.append("      - b")
                    .append(i)
                    .append(": { set: { n: ")
                    .append(i)
                    .append(" } }\n");
        assertThat(Trial.started(rest.toString(), "{}").output()).hasSize(1_500);
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The DSL reference, "Flow Directive". */
class FlowTest {
    private static String seen(String name, String more) {
        return "- " + name + ": { set: { seen: '${ .seen + [\"" + name + "\"] }' }" + more + " }\n";
    }

    @Test
    void stepsRunInTheOrderTheyStandIn() {
        String rest = "do:\n" + seen("a", "") + seen("b", "") + seen("c", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a', 'b', 'c']}"));
    }

    @Test
    void thenGoesToAStepOfTheSameList() {
        String rest = "do:\n" + seen("a", ", then: c") + seen("b", ", then: end") + seen("c", ", then: b");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a', 'c', 'b']}"));
    }

    @Test
    void exitOfTheOutermostListEndsTheRun() {
        String rest = "do:\n" + seen("a", ", then: exit") + seen("b", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a']}"));
    }

    @Test
    void exitLeavesTheInnermostListOnly() {
        String rest = "do:\n- block:\n    do:\n"
                + seen("a", ", then: exit").indent(6)
                + seen("b", "").indent(6)
                + seen("c", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a', 'c']}"));
    }

    @Test
    void exitInABlockInABlockGoesOnInTheOuterBlock() {
        String rest = "do:\n- outer:\n    do:\n    - inner:\n        do:\n"
                + seen("a", ", then: exit").indent(8)
                + seen("b", "").indent(8)
                + seen("c", "").indent(4)
                + seen("d", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a', 'c', 'd']}"));
    }

    @Test
    void theThenOfABlockCountsHoweverItWasLeft() {
        String rest = "do:\n- block:\n    then: d\n    do:\n"
                + seen("a", ", then: exit").indent(6)
                + seen("c", "")
                + seen("d", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['a', 'd']}"));
    }

    @Test
    void exitInALoopEndsTheRoundOnly() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[1, 2]' }
                      do:
                        - a: { set: { seen: '${ .seen + [ $item ] }' }, then: exit }
                        - never: { set: { seen: never } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{seen: [1, 2]}"));
    }

    @Test
    void endInALoopEndsTheRun() {
        var trial = Trial.started("""
                do:
                  - all:
                      for: { in: '[range(300)]' }
                      do: [ { a: { set: '${ $item }' } }, { b: { switch: [ { c: { when: '. == 120', then: end } } ] } } ]
                  - never: { set: { a: 1 } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("120"));
        assertThat(trial.outside.items).isEmpty();
    }

    @Test
    void endInATryEndsTheRunWithoutItsHandler() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { a: { set: { a: 1 }, then: end } } ]
                      catch: { do: [ { never: { set: { b: 1 } } } ] }
                  - never: { set: { c: 1 } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{a: 1}"));
    }

    @Test
    void exitInATryLeavesTheTry() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { a: { set: { a: 1 }, then: exit } }, { never: { set: { b: 1 } } } ]
                      catch: {}
                  - last: { set: { got: '${ . }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{got: {a: 1}}"));
    }

    @Test
    void exitInAHandlerLeavesTheTry() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { a: { raise: { error: { type: 'https://e', status: 400 } } } } ]
                      catch: { do: [ { b: { set: { b: 1 }, then: exit } }, { never: { set: { c: 1 } } } ] }
                  - last: { set: { got: '${ . }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{got: {b: 1}}"));
    }

    @Test
    void endInAHandlerEndsTheRun() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { a: { raise: { error: { type: 'https://e', status: 400 } } } } ]
                      catch: { do: [ { b: { set: { b: 1 }, then: end } } ] }
                  - never: { set: { c: 1 } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{b: 1}"));
    }

    @Test
    void theThenOfASkippedStepDoesNotCount() {
        String rest = "do:\n" + seen("a", ", if: .no, then: end") + seen("b", "");
        assertThat(Trial.started(rest, "{}").output()).isEqualTo(json("{seen: ['b']}"));
    }

    @Test
    void aThenThatLeadsBackMakesALoopWithABound() {
        var trial = Trial.started("""
                do:
                  - count: { set: { n: '${ .n + 1 }' } }
                  - enough: { switch: [ { done: { when: .n >= 2500, then: end } } ] }
                  - back: { set: '${ . }', then: count }
                """, "{n: 0}");
        assertThat(trial.output()).isEqualTo(json("{n: 2500}"));
    }

    @Test
    void aThenThatNeverEndsLetsOtherEventsInAfterAThousandSteps() {
        var trial = Trial.of("do: [ { round: { set: { n: '${ .n + 1 }' }, then: round } } ]", "{n: 0}");
        trial.takeAlone(new Event.RunStarted(Trial.T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(trial.effects(Effect.Deliver.class)).hasSize(1);
        assertThat(trial.run.steps()).hasSize(2);
        trial.takeAlone(trial.outside.inbox.poll());
        assertThat(trial.outside.inbox).hasSize(1);
        trial.takeAlone(new Event.CancelRequested("enough", Trial.T0));
        assertThat(trial.run.status()).isEqualTo(RunStatus.CANCELLED);
        Run cancelled = trial.run;
        assertThat(trial.takeAlone(trial.outside.inbox.poll()).run).isSameAs(cancelled);
    }

    @Test
    void aStepMayGoToItselfAsLongAsItsConditionHolds() {
        var trial = Trial.started("""
                do:
                  - again: { if: .n < 5, set: { n: '${ .n + 1 }' }, then: again }
                  - last: { set: { end: '${ .n }' } }
                """, "{n: 0}");
        assertThat(trial.output()).isEqualTo(json("{end: 5}"));
    }

    @Test
    void aFlowToANameThatTwoStepsHaveIsRefused() {
        assertThatThrownBy(() -> Trial.read("""
                do:
                  - go: { set: { n: 0 }, then: x }
                  - x: { set: { took: first }, then: end }
                  - x: { set: { took: second } }
                """))
                .hasMessageContaining("/do/0/go/then: two steps of this list have the name 'x'");
    }

    @Test
    void stepsMayHaveAnyName() {
        for (String name : new String[] {
            "a/b", "a~b", "a#b", "a b", "größe-大", "~2", "~1", "#1", "!1", "x#0.0!7", "\\\"q\\\"", "%41"
        }) {
            var trial = Trial.started(
                    "do: [ { go: { set: { a: 1 }, then: \"" + name + "\" } }, { never: { set: { b: 1 } } }, { \"" + name
                            + "\": { for: { in: '[1, 2]' }, do: [ { \"" + name + "\": { call: f } } ] } } ]",
                    "{}");
            String first = trial.leaf();
            assertThat(trial.definition.nodes()).as(name).containsKey(Visit.pointerOf(first));
            assertThat(trial.succeed("1").leaf()).as(name).isNotEqualTo(first);
            assertThat(Visit.pointerOf(trial.leaf())).as(name).isEqualTo(Visit.pointerOf(first));
            assertThat(trial.succeed("2").output()).as(name).isEqualTo(json("2"));
        }
    }
}

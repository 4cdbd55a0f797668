package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The DSL reference, "Switch". */
class SwitchTest {
    private static final String KINDS = """
            do:
              - choose:
                  switch:
                    - big: { when: .n > 100, then: big }
                    - small: { when: .n < 10, then: small }
                    - other: { then: exit }
              - big: { set: { size: big }, then: end }
              - small: { set: { size: small }, then: end }
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"101 | {size: 'big'}", "9 | {size: 'small'}", "50 | {n: 50}"})
    void theFirstCaseThatIsTrueSaysWhereItGoesOn(int n, String output) {
        assertThat(Trial.started(KINDS, "{n: " + n + "}").output()).isEqualTo(json(output));
    }

    @Test
    void ofSeveralCasesThatAreTrueTheFirstIsTaken() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { a: { when: 'true', then: a } }, { b: { when: 'true', then: b } } ] }
                  - b: { set: { took: b }, then: end }
                  - a: { set: { took: a }, then: end }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{took: 'a'}"));
    }

    @Test
    void theDefaultIsTakenLastWhereverItStands() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { else: { then: b } }, { a: { when: 'true', then: a } } ] }
                  - b: { set: { took: b }, then: end }
                  - a: { set: { took: a }, then: end }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{took: 'a'}"));
    }

    @Test
    void withoutAMatchTheStepsOwnThenCounts() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { a: { when: .no, then: a } } ], then: end }
                  - a: { set: { took: a } }
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void withoutAMatchAndWithoutThenItGoesOnInTheList() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { a: { when: .no, then: end } } ] }
                  - next: { set: { took: next } }
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{took: 'next'}"));
    }

    @Test
    void whatACaseSaysGoesBeforeTheStepsOwnThen() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { a: { when: 'true', then: continue } } ], then: end }
                  - next: { set: { took: next } }
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{took: 'next'}"));
    }

    @Test
    void aSwitchPassesItsInputOn() {
        var trial = Trial.started("""
                do:
                  - choose:
                      input: { from: .inner }
                      switch: [ { a: { when: .n == 1, then: continue } } ]
                      output: { as: '${ . + { seen: true } }' }
                """, "{inner: {n: 1}}");
        assertThat(trial.output()).isEqualTo(json("{n: 1, seen: true}"));
    }

    @Test
    void aConditionThatFailsFailsTheStep() {
        var trial = Trial.started("""
                do: [ { choose: { switch: [ { a: { when: '.n.x', then: end } } ] } } ]
                """, "{n: 1}");
        assertThat(trial.failure().step()).isEqualTo("/do/0/choose");
        assertThat(trial.problem().detail()).startsWith("/do/0/choose/switch/0/a/when:");
    }

    @Test
    void aSwitchCanLeadBackAndEveryPassIsAVisitOfItsOwn() {
        var trial = Trial.started("""
                do:
                  - poll: { call: f }
                  - again: { switch: [ { more: { when: .more, then: poll } } ] }
                """, "{}");
        assertThat(trial.leaf()).isEqualTo("/do/0/poll");
        assertThat(trial.succeed("{more: true}").leaf()).isEqualTo("/do/0/poll#1");
        assertThat(trial.succeed("{more: true}").leaf()).isEqualTo("/do/0/poll#2");
        assertThat(trial.succeed("{more: false}").output()).isEqualTo(json("{more: false}"));
    }

    @Test
    void aSwitchWithoutCasesGoesOn() {
        var trial = Trial.started("do: [ { choose: { switch: [ { a: { then: continue } } ] } } ]", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "Task": {@code if}. */
class ConditionTest {
    private static final String STEPS = "{ set: { ran: true } }|{ call: f }|{ do: [ { x: { call: f } } ] }"
            + "|{ for: { in: .none }, do: [ { x: { call: f } } ] }|{ fork: { branches: [ { x: { call: f } } ] } }"
            + "|{ try: [ { x: { call: f } } ], catch: {} }|{ raise: { error: { type: 'https://e', status: 500 } } }"
            + "|{ wait: PT1H }|{ emit: { event: { with: { type: t, source: 'https://s' } } } }"
            + "|{ listen: { to: { any: [] } } }|{ switch: [ { a: { then: end } } ] }"
            + "|{ run: { workflow: { namespace: n, name: w, version: '1.0.0' } } }";

    @Test
    void everyKindOfStepIsSkippedAlike() {
        for (String step : STEPS.split("\\|")) {
            String conditional = "{ if: .go, input: { from: .x.y.z }, output: { as: .q.r }, export: { as: '1' },"
                    + " timeout: { after: PT1S }, " + step.substring(1);
            var trial = Trial.started(
                    "do: [ { only: " + conditional + " }, { last: { set: { got: '${ . }' } } } ]", "{n: 1}");
            assertThat(trial.output()).as(step).isEqualTo(json("{got: {n: 1}}"));
            assertThat(trial.effects).as(step).isEmpty();
            assertThat(trial.context().isNull()).isTrue();
            assertThat(trial.story()).contains("STEP_SKIPPED /do/0/only");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'true'", "'0'", "'\"\"'", "'[]'", "'${ .n == 1 }'", "'.n'", "'. | has(\"n\")'"})
    void whatIsNeitherFalseNorNullIsTrue(String condition) {
        var trial = Trial.started("do: [ { only: { if: " + condition + ", set: { ran: true } } } ]", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{ran: true}"));
    }

    @Test
    void theConditionSeesContextAndVariablesOfLoops() {
        var trial = Trial.started("""
                do:
                  - keep: { set: { limit: 2 }, export: { as: . } }
                  - all:
                      for: { in: '[1, 2, 3]' }
                      do: [ { one: { if: $item <= $context.limit, set: { last: '${ $item }' } } } ]
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{last: 2}"));
    }

    @Test
    void theConditionIsAskedBeforeTheSchemaOfTheInput() {
        var trial = Trial.started("""
                do:
                  - only:
                      if: has("n")
                      input: { schema: { format: json, document: { type: object, required: [ n ] } } }
                      set: { a: 1 }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{}"));
    }

    @Test
    void aConditionThatFailsFailsTheStep() {
        var trial = Trial.started("do: [ { only: { if: .n.x, set: { a: 1 } } } ]", "{n: 1}");
        assertThat(trial.failure().step()).isEqualTo("/do/0/only");
        assertThat(trial.problem().detail()).startsWith("/do/0/only/if:");
    }
}

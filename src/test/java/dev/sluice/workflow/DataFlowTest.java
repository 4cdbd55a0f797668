package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How data flow from step to step: the DSL reference, "Data Flow" and "Runtime Expressions". */
class DataFlowTest {

    @Test
    void theOutputOfAStepIsTheInputOfTheNext() {
        var trial = Trial.started("""
                do:
                  - first: { call: f, with: { n: '${ .n }' } }
                  - second: { call: g, with: { got: '${ . }' } }
                """, "{n: 1}");
        trial.succeed("/do/0/first", 1, "{m: 2}");
        assertThat(trial.arguments("/do/1/second")).isEqualTo(json("{got: {m: 2}}"));
    }

    @Test
    void theOutputOfTheLastStepIsTheRuns() {
        var trial = Trial.started("do: [ { only: { call: f } } ]", "{}").succeed("/do/0/only", 1, "[1, null]");
        assertThat(trial.output()).isEqualTo(json("[1, null]"));
    }

    @Test
    void inputFromOfTheWorkflowShapesWhatTheFirstStepGets() {
        var trial = Trial.started("""
                input: { from: .order }
                do: [ { only: { set: '${ . }' } } ]
                """, "{order: {id: 7}, rest: 1}");
        assertThat(trial.output()).isEqualTo(json("{id: 7}"));
    }

    @Test
    void inputFromMayBeAnObjectOfExpressions() {
        var trial = Trial.started("""
                do:
                  - only: { input: { from: { a: '${ .x }', b: plain } }, call: f, with: { all: '${ . }' } }
                """, "{x: 1}");
        assertThat(trial.arguments("/do/0/only")).isEqualTo(json("{all: {a: 1, b: 'plain'}}"));
    }

    @Test
    void theInputVariableIsTheStepsTransformedInput() {
        var trial = Trial.started("""
                do:
                  - only: { input: { from: .x }, set: { dot: '${ . }', variable: '${ $input }' } }
                """, "{x: {y: 1}}");
        assertThat(trial.output()).isEqualTo(json("{dot: {y: 1}, variable: {y: 1}}"));
    }

    @Test
    void outputAsSeesTheRawOutputAndTheInput() {
        var trial = Trial.started("""
                do:
                  - only: { call: f, output: { as: '${ { out: .r, was: $input.n } }' } }
                """, "{n: 1}").succeed("/do/0/only", 1, "{r: 2, dropped: true}");
        assertThat(trial.output()).isEqualTo(json("{out: 2, was: 1}"));
    }

    @Test
    void outputAsOfTheWorkflowShapesTheRunsOutput() {
        var trial = Trial.started("""
                do: [ { only: { set: { a: 1, b: 2 }, export: { as: { kept: '${ .b }' } } } } ]
                output: { as: { a: '${ .a }', kept: '${ $context.kept }' } }
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{a: 1, kept: 2}"));
    }

    @Test
    void exportAsSeesTheTransformedOutputAndReplacesTheContext() {
        var trial = Trial.started("""
                do:
                  - one: { set: { v: 1 }, export: { as: { first: '${ .v }' } } }
                  - two:
                      set: { v: 2 }
                      output: { as: '${ .v + 10 }' }
                      export: { as: '${ { dot: ., output: $output, first: $context.first } }' }
                """, "{}");
        assertThat(trial.context()).isEqualTo(json("{dot: 12, output: 12, first: 1}"));
    }

    @Test
    void theContextIsNullUntilTheFirstExport() {
        var trial = Trial.started("do: [ { only: { set: { c: '${ $context }' } } } ]", "{}");
        assertThat(trial.output()).isEqualTo(json("{c: null}"));
    }

    @Test
    void aSkippedStepPassesItsInputOn() {
        var trial = Trial.started("""
                do:
                  - never: { if: '${ . == 2 }', input: { from: .other }, call: f }
                  - last: { set: { got: '${ . }' } }
                """, "{go: false, other: 1}");
        assertThat(trial.output()).isEqualTo(json("{got: {go: false, other: 1}}"));
    }

    @Test
    void aSkippedStepExportsNothing() {
        var trial = Trial.started("""
                do:
                  - never: { if: .go, set: { a: 1 }, export: { as: . } }
                """, "{go: null}");
        assertThat(trial.run.context().isNull()).isTrue();
    }

    @Test
    void theConditionSeesTheRawInput() {
        var trial = Trial.started("""
                do:
                  - only: { input: { from: .inner }, if: .inner.go, set: { got: '${ . }' } }
                """, "{inner: {go: 1}}");
        assertThat(trial.output()).isEqualTo(json("{got: {go: 1}}"));
    }

    @Test
    void aSkippedLastStepEndsTheRunWithItsInput() {
        var trial = Trial.started("do: [ { only: { if: 'false', call: f } } ]", "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{n: 1}"));
    }

    @Test
    void setMakesDataOfAnyShapeWithExpressionsAnywhereInside() {
        var trial = Trial.started("""
                do: [ { only: { set: { list: [ 1, '${ .n }', { deep: '${ .n + 1 }' } ], text: 'n: ${ .n }' } } } ]
                """, "{n: 5}");
        assertThat(trial.output()).isEqualTo(json("{list: [1, 5, {deep: 6}], text: 'n: ${ .n }'}"));
    }

    @Test
    void theRunAndTheStepAreVisibleToExpressions() {
        var trial = Trial.started("""
                do:
                  - only:
                      set:
                        run: ${ $workflow.id }
                        raw: ${ $workflow.input }
                        workflow: ${ $workflow.definition.document.name }
                        at: ${ $workflow.startedAt.iso8601 }
                        step: ${ $task.name }
                        pointer: ${ $task.reference }
                        runtime: ${ $runtime.name }
                """, "{n: 5}");
        assertThat(trial.output()).isEqualTo(json("""
                {run: 'default.local.0-00000000000000000000000000', raw: {n: 5}, workflow: 'trial',
                 at: '2026-01-01T00:00:00Z', step: 'only', pointer: '/do/0/only', runtime: 'sluice'}"""));
    }

    @Test
    void theStepsOwnDefinitionAndRawInputAreVisibleToItsExpressions() {
        var trial = Trial.started("""
                do: [ { only: { input: { from: .n }, set: '${ [ $task.input, $task.definition.input.from ] }' } } ]
                """, "{n: 5}");
        assertThat(trial.output()).isEqualTo(json("[{n: 5}, '.n']"));
    }

    @Test
    void aSequenceHasInputAndOutputOfItsOwn() {
        var trial = Trial.started("""
                do:
                  - both:
                      input: { from: .n }
                      do:
                        - one: { set: { v: '${ . + 1 }' } }
                        - two: { set: { v: '${ .v + 1 }' } }
                      output: { as: '${ { was: $input, v: .v } }' }
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{was: 1, v: 3}"));
    }

    @Test
    void everyBranchGetsTheForksInput() {
        var trial = Trial.started(FORK, "{n: 1}");
        assertThat(trial.arguments("/do/0/both/fork/branches/0/left"))
                .isEqualTo(trial.arguments("/do/0/both/fork/branches/1/right"))
                .isEqualTo(json("{n: 1}"));
    }

    @Test
    void aForksOutputHasTheOrderOfTheDocumentWhateverCameFirst() {
        var trial = Trial.started(FORK, "{n: 1}")
                .succeed("/do/0/both/fork/branches/1/right", 1, "'r'")
                .succeed("/do/0/both/fork/branches/0/left", 1, "'l'");
        assertThat(trial.output()).isEqualTo(json("['l', 'r']"));
    }

    @Test
    void theTitleOfARunComesFromItsTransformedInput() {
        var definition = new DefinitionReader().read("""
                document:
                  { dsl: '1.0.1', namespace: t, name: t, version: '1.0.0', metadata: { runTitle: '${ .name }' } }
                input: { from: .doc }
                do: [ { only: { set: 1 } } ]
                """.replace("set: 1", "set: { a: 1 }"));
        var run = Trial.accept(definition, "{doc: {name: 'bill.pdf'}}");
        assertThat(run.identity().title()).isEqualTo("bill.pdf");
    }

    @Test
    void aTitleThatCannotBeToldIsEmpty() {
        var definition = new DefinitionReader().read("""
                document:
                  { dsl: '1.0.1', namespace: t, name: t, version: '1.0.0', metadata: { runTitle: '${ .a.b.c }' } }
                do: [ { only: { set: { a: 1 } } } ]
                """);
        var run = Trial.accept(definition, "[1]");
        assertThat(run.identity().title()).isEmpty();
    }

    static final String FORK = """
            do:
              - both:
                  fork:
                    branches:
                      - left: { call: f, with: { n: '${ .n }' } }
                      - right: { call: g, with: { n: '${ .n }' } }
            """;
}

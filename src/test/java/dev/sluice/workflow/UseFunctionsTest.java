package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The DSL reference, "Use": {@code functions}. */
class UseFunctionsTest {

    @Test
    void aFunctionIsAStepThatStandsElsewhereAndWithIsItsInput() {
        var trial = Trial.started("""
                use: { functions: { greet: { set: { text: '${ "Hello " + .name }' } } } }
                do: [ { one: { call: greet, with: { name: '${ .who }' } } } ]
                """, "{who: 'Ann'}");
        assertThat(trial.output()).isEqualTo(json("{text: 'Hello Ann'}"));
    }

    @Test
    void withoutWithTheStepsInputIsTheFunctions() {
        var trial = Trial.started("""
                use: { functions: { greet: { set: { text: '${ "Hello " + .name }' } } } }
                do: [ { one: { call: greet } } ]
                """, "{name: 'Bob'}");
        assertThat(trial.output()).isEqualTo(json("{text: 'Hello Bob'}"));
    }

    @Test
    void aFunctionMayHoldManySteps() {
        var trial = Trial.started("""
                use:
                  functions:
                    twice:
                      do:
                        - a: { call: f, with: { n: '${ .n }' } }
                        - b: { call: g, with: { n: '${ .n }' } }
                do: [ { one: { call: twice, with: { n: 5 }, output: { as: '${ { got: . } }' } } } ]
                """, "{}");
        assertThat(trial.arguments()).isEqualTo(json("{n: 5}"));
        trial.succeed("{n: 6}");
        assertThat(trial.arguments()).isEqualTo(json("{n: 6}"));
        assertThat(trial.succeed("7").output()).isEqualTo(json("{got: 7}"));
    }

    @Test
    void theSameFunctionCalledAtTwoPlacesIsTwoSteps() {
        var trial = Trial.started("""
                use: { functions: { ask: { call: f } } }
                do: [ { both: { fork: { branches: [ { a: { call: ask } }, { b: { call: ask } } ] } } } ]
                """, "{}");
        assertThat(Machine.leaves(trial.run)).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void functionsMayCallFunctions() {
        var trial = Trial.started("""
                use:
                  functions:
                    outer: { call: inner, with: { n: '${ .n + 1 }' } }
                    inner: { set: { n: '${ .n * 10 }' } }
                do: [ { one: { call: outer, with: { n: 1 } } } ]
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{n: 20}"));
    }

    @Test
    void aFunctionThatCallsItselfIsRefused() {
        assertThatThrownBy(() ->
                        Trial.read("use: { functions: { again: { call: again } } }\ndo: [ { one: { call: again } } ]"))
                .hasMessageContaining("functions that call functions, more than 16 deep");
    }

    @Test
    void anErrorInsideNamesTheStepThatCalled() {
        var trial = Trial.started("""
                use: { functions: { boom: { do: [ { x: { raise: { error: { type: 'https://e', status: 500 } } } } ] } } }
                do: [ { one: { call: boom } } ]
                """, "{}");
        assertThat(trial.problem().instance()).isEqualTo("/do/0/one");
    }

    @Test
    void aFunctionOfUseGoesBeforeADeployedOneOfTheSameName() {
        var trial = Trial.started("""
                use: { functions: { classify: { set: { kind: none } } } }
                do: [ { one: { call: classify } } ]
                """, "{}");
        assertThat(trial.output()).isEqualTo(json("{kind: 'none'}"));
    }

    @Test
    void aFunctionThatStandsNowhereIsOneThatIsDeployed() {
        var trial = Trial.started("do: [ { one: { call: classify, with: { text: '${ .t }' } } } ]", "{t: 'x'}");
        assertThat(trial.last(Effect.EnqueueTask.class).function()).isEqualTo("classify");
        assertThat(trial.arguments()).isEqualTo(json("{text: 'x'}"));
    }

    @Test
    void aFunctionsTimeoutAndConditionAreItsOwn() {
        var trial = Trial.started("""
                use: { functions: { slow: { call: f, timeout: { after: PT5S }, if: .go } } }
                do: [ { one: { call: slow } }, { two: { call: slow, with: { go: true } } } ]
                """, "{go: false}");
        assertThat(trial.leaf()).startsWith("/do/1/two");
        assertThat(trial.elapse().run.status()).isEqualTo(RunStatus.FAILED);
    }
}

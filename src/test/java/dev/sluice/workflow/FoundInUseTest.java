package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people who tried Sluice by the DSL's reference met. */
class FoundInUseTest {
    @ParameterizedTest
    @ValueSource(strings = {"$itme", ".n + $itme", "[$itme]"})
    void aMisspeltVariableWasNullInSilence(String expression) {
        var trial = Trial.started("do: [ { a: { set: { v: '${ " + expression + " }' } } } ]", "{n: 1}");
        assertThat(trial.problem().type()).isEqualTo("https://serverlessworkflow.io/spec/1.0.0/errors/expression");
        assertThat(trial.problem().status()).isEqualTo(400);
        assertThat(trial.problem().detail()).contains("$itme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"context", "output", "secrets", "authorization"})
    void anArgumentOfTheDslThatIsNotThereYetIsNull(String argument) {
        var trial = Trial.started("do: [ { a: { set: { v: '${ $" + argument + " == null }' } } } ]", "{}");
        assertThat(trial.output().get("v").isBoolean()).isTrue();
    }

    @Test
    void variablesThatAnExpressionDefinesAreItsOwn() {
        var trial = Trial.started(
                "do: [ { a: { set: { v: '${ [.xs[] as $x | reduce range($x) as $i (0; . + $i)] }' } } } ]",
                "{xs: [2, 3]}");
        assertThat(trial.output()).isEqualTo(json("{v: [1, 3]}"));
    }

    @Test
    void aNumberInTheQueryOfAnHttpCallWasRefused() {
        var definition = Trial.read("do: [ { a: { call: http, with: { method: get, endpoint: 'https://example.com',"
                + " query: { page: 2, all: true, name: x } } } } ]");
        assertThat(definition.functions()).contains("http");
    }

    @Test
    void aSchemaThatIsNoneWasTakenAndRefusedEveryStart() {
        var findings = new DefinitionReader()
                .check(Trial.document(
                        "input: { schema: { document: { type: strng } } }\ndo: [ { a: { set: { v: 1 } } } ]"));
        assertThat(findings).hasSize(1);
        assertThat(findings.getFirst().pointer()).isEqualTo("/input/schema/document");
        assertThat(findings.getFirst().message()).contains("no JSON Schema: /type");
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL, "Runtime Expressions": modes, variables and bounds. */
class ExpressionTest {
    private static JsonNode set(String value, String input) {
        return Trial.started("do: [ { only: { set: { v: " + value + " } } } ]", input)
                .output()
                .get("v");
    }

    private static JsonNode loosely(String value, String input) {
        return Trial.started("evaluate: { mode: loose }\ndo: [ { only: { set: { v: " + value + " } } } ]", input)
                .output()
                .get("v");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'${ .n + 1 }' | 8",
                "'${.n}' | 7",
                "' ${ .n } ' | 7",
                "'.n' | '.n'",
                "'n: ${ .n }' | 'n: ${ .n }'",
                "'${ [.n, \"}\"] }' | [7, '}']",
                "7 | 7",
                "null | null"
            })
    void strictlyOnlyWhatIsMarkedIsAnExpression(String value, String result) {
        assertThat(set(value, "{n: 7}")).isEqualTo(json(result));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'.n + 1' | 8",
                "'${ .n + 1 }' | 8",
                "'hello world' | 'hello world'",
                "'hello' | 'hello'",
                "'.n.x' | '.n.x'",
                "'com.example.order.v1' | 'com.example.order.v1'",
                "'https://a.example/{id}' | 'https://a.example/{id}'",
                "[ '.n', plain ] | [7, 'plain']"
            })
    void looselyWhatFailsStandsForItself(String value, String result) {
        assertThat(loosely(value, "{n: 7}")).isEqualTo(json(result));
    }

    @Test
    void aMarkedExpressionThatFailsLooselyStillFails() {
        var trial = Trial.started("evaluate: { mode: loose }\ndo: [ { only: { set: { v: '${ .n.x }' } } } ]", "{n: 7}");
        assertThat(trial.problem().code()).isEqualTo("SL3003");
    }

    @Test
    void theWorkflowIsDescribed() {
        JsonNode workflow = set("'${ $workflow }'", "{n: 1}");
        assertThat(workflow.get("id")).isEqualTo(json("'" + Trial.ID + "'"));
        assertThat(workflow.get("input")).isEqualTo(json("{n: 1}"));
        assertThat(workflow.at("/definition/document/name")).isEqualTo(json("'trial'"));
        assertThat(workflow.get("startedAt"))
                .hasToString(
                        "{\"iso8601\":\"2026-01-01T00:00:00Z\",\"epoch\":{\"seconds\":1767225600,\"milliseconds\":1767225600000}}");
    }

    @Test
    void theTaskIsDescribed() {
        var trial = Trial.started("""
                do: [ { only: { input: { from: .n }, set: { in: '${ $task }' }, output: { as: '${ { in, out: $task } }' } } } ]
                """, "{n: 1}");
        JsonNode in = trial.output().get("in");
        assertThat(in.get("name")).isEqualTo(json("'only'"));
        assertThat(in.get("reference")).isEqualTo(json("'/do/0/only'"));
        assertThat(in.get("input")).isEqualTo(json("{n: 1}"));
        assertThat(in.get("output").isNull()).isTrue();
        assertThat(in.at("/definition/input/from")).isEqualTo(json("'.n'"));
        assertThat(in.at("/startedAt/epoch/seconds")).hasToString("1767225600");
        assertThat(trial.output().at("/out/output/in")).isEqualTo(in);
    }

    @Test
    void theRuntimeIsDescribed() {
        JsonNode runtime = set("'${ $runtime }'", "{}");
        assertThat(runtime.get("name")).isEqualTo(json("'sluice'"));
        assertThat(runtime.get("version").isTextual()).isTrue();
        assertThat(runtime.get("metadata").isObject()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$context", "$item", "$index", "$error", "$output", "$authorization", "$task.output"})
    void aVariableThatIsNotSetIsNull(String variable) {
        assertThat(set("'${ " + variable + " }'", "{}").isNull()).isTrue();
    }

    @Test
    void secretsAreThoseThatTheWorkflowLists() {
        Secrets secrets = name -> java.util.Optional.of(json("{key: '<" + name + ">'}"));
        var definition = Trial.read(
                "use: { secrets: [ a, b ] }\ndo: [ { only: { input: { from: '${ $secrets }' }, set: '${ . }' } } ]");
        var trial = Trial.of(definition, new Machine(Trial.EVEN, secrets), "{}").start();
        assertThat(trial.output()).isEqualTo(json("{a: {key: '<a>'}, b: {key: '<b>'}}"));
    }

    @Test
    void aVariableOfTheExpressionsOwnHidesOneOfTheRun() {
        assertThat(set("'${ 5 as $input | $input }'", "{}")).isEqualTo(json("5"));
    }

    @Test
    void theTimeIsThatOfTheEvent() {
        var trial = Trial.started("do: [ { a: { call: f } }, { b: { set: { t: '${ now }' } } } ]", "{}");
        trial.now = T0.plusMillis(1_500);
        assertThat(trial.succeed("1").output().get("t").asDouble()).isEqualTo(T0.getEpochSecond() + 1.5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[range(1e12)]",
                "[range(0; 1e12)]",
                "[range(0; 1e12; 1)]",
                "last(range(1e12))",
                "reduce range(1e12) as $i (0; . + 1)"
            })
    void aRangeThatDoesNotEndFails(String expression) {
        var trial = Trial.started("do: [ { only: { set: { v: '${ " + expression + " }' } } } ]", "{}");
        assertThat(trial.problem().detail()).contains("range gives more than 1000000 numbers");
    }

    @Test
    void aLongRangeIsNoTrouble() {
        assertThat(set("'${ [range(100000)] | length }'", "{}")).isEqualTo(json("100000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "$ENV", "env | keys", "$ENV | keys"})
    void theEnvironmentIsHidden(String expression) {
        assertThat(set("'${ " + expression + " }'", "{}")).isEmpty();
    }

    @Test
    void expressionsOfTheWorkflowSeeWhatThereIsThen() {
        var trial = Trial.started("""
                input: { from: '${ { id: $workflow.id, context: $context, raw: . } }' }
                do: [ { a: { set: { b: '${ .raw.n }' }, export: { as: '${ .b }' } } } ]
                output: { as: '${ { out: ., kept: $context, name: $workflow.definition.document.name } }' }
                """, "{n: 1}");
        assertThat(trial.output()).isEqualTo(json("{out: {b: 1}, kept: 1, name: 'trial'}"));
    }
}

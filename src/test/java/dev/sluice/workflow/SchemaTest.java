package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The DSL reference, "Input", "Output", "Export" and "Schema". */
class SchemaTest {
    private static String schema(String document) {
        return "{ schema: { format: json, document: " + document + " } }";
    }

    private static final String NUMBERS = "{ type: object, required: [ n ], properties: { n: { type: number } } }";

    @Test
    void theInputOfAWorkflowIsCheckedRawBeforeItIsAccepted() {
        var definition =
                Trial.read("input: { from: .inner, schema: { format: json, document: " + NUMBERS + " } }\ndo: []");
        definition.checkInput(json("{n: 1, inner: {}}"));
        assertThatThrownBy(() -> definition.checkInput(json("{n: 'one'}")))
                .hasMessageContaining("SL2011")
                .hasMessageContaining("/n ");
    }

    @Test
    void theInputOfAStepIsCheckedRaw() {
        String rest = "do: [ { only: { input: { from: .n, schema: { format: json, document: " + NUMBERS
                + " } }, set: { got: '${ . }' } } } ]";
        assertThat(Trial.started(rest, "{n: 1}").output()).isEqualTo(json("{got: 1}"));
        Problem problem = Trial.started(rest, "{n: 'one'}").problem();
        assertThat(problem.type()).isEqualTo(StandardError.VALIDATION.type());
        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.detail()).startsWith("the input does not match its schema: /n ");
    }

    @Test
    void theOutputOfAStepIsCheckedTransformed() {
        String rest = "do: [ { only: { call: f, output: { as: .result, schema: { format: json, document: " + NUMBERS
                + " } } } } ]";
        assertThat(Trial.started(rest, "{}").succeed("{result: {n: 1}}").output())
                .isEqualTo(json("{n: 1}"));
        assertThat(Trial.started(rest, "{}")
                        .succeed("{n: 1, result: {}}")
                        .problem()
                        .detail())
                .startsWith("the output does not match its schema");
    }

    @Test
    void theContextIsCheckedAsItWasExported() {
        String rest =
                "do: [ { only: { set: { v: '${ .v }' }, export: { as: '${ { n: .v } }', schema: { format: json, document: "
                        + NUMBERS + " } } } } ]";
        assertThat(Trial.started(rest, "{v: 1}").context()).isEqualTo(json("{n: 1}"));
        var failed = Trial.started(rest, "{v: 'x'}");
        assertThat(failed.problem().detail()).startsWith("the exported context does not match its schema");
        assertThat(failed.context().isNull()).isTrue();
    }

    @Test
    void theOutputOfAWorkflowIsCheckedTransformed() {
        String rest = "do: [ { only: { set: '${ . }' } } ]\noutput: { as: .inner, schema: { format: json, document: "
                + NUMBERS + " } }";
        assertThat(Trial.started(rest, "{inner: {n: 1}}").output()).isEqualTo(json("{n: 1}"));
        var failed = Trial.started(rest, "{inner: {}}");
        assertThat(failed.failure().step()).isEmpty();
        assertThat(failed.problem().type()).isEqualTo(StandardError.VALIDATION.type());
    }

    @Test
    void aMismatchCanBeCaught() {
        var trial = Trial.started("""
                do:
                  - guarded:
                      try: [ { x: { input: %s, set: { a: 1 } } } ]
                      catch:
                        errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/validation' } }
                        do: [ { told: { set: '${ $error.instance }' } } ]
                """.formatted(schema(NUMBERS)), "{}");
        assertThat(trial.output()).isEqualTo(json("'/do/0/guarded/try/0/x'"));
    }

    @Test
    void everyMismatchIsNamed() {
        Problem problem = Trial.started(
                        "do: [ { only: { input: " + schema("{ properties: { a: { type: string }, b: { minimum: 5 } } }")
                                + ", set: { c: 1 } } } ]",
                        "{a: 1, b: 2}")
                .problem();
        assertThat(problem.detail()).contains("/a ").contains("/b ");
    }

    @Test
    void aSchemaThatCannotBeReadHereIsRefusedByName() {
        assertThatThrownBy(() -> Trial.read("input: { schema: { format: avro, document: {} } }\ndo: []"))
                .hasMessageContaining("the schema format 'avro' is not supported yet");
        assertThatThrownBy(
                        () -> Trial.read(
                                "input: { schema: { format: json, resource: { endpoint: 'https://s.example/x.json' } } }\ndo: []"))
                .hasMessageContaining("a schema by address is not supported yet");
    }

    @Test
    void aVersionOfTheFormatIsTaken() {
        assertThat(Trial.started(
                                "do: [ { a: { set: { n: 1 }, output: { schema: { format: 'json:2020-12', document: "
                                        + NUMBERS + " } } } } ]",
                                "{}")
                        .output())
                .isEqualTo(json("{n: 1}"));
    }
}

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Search attributes: from the input when the run is accepted, from the output of steps later. */
class AttributesTest {
    private static Trial trial(String metadata, String rest, String input) {
        var definition = new DefinitionReader().read("""
                document: { dsl: '1.0.1', namespace: t, name: t, version: '1.0.0', metadata: { searchAttributes: %s } }
                %s
                """.formatted(metadata, rest));
        return Trial.of(definition, Trial.machine(), input);
    }

    @Test
    void theyComeFromTheTransformedInput() {
        var trial = trial(
                "{ customer: '${ .id }', kind: order, vip: '${ $input.vip }' }",
                "input: { from: .c }\ndo: []",
                "{c: {id: 7, vip: true}}");
        assertThat(trial.run.attributes()).isEqualTo(Map.of("customer", "7", "kind", "order", "vip", "true"));
    }

    @Test
    void whatCannotBeToldIsLeftOut() {
        var trial = trial("{ a: '${ .x.y }', b: '${ null }', c: '${ {} }' }", "do: []", "{x: 1}");
        assertThat(trial.run.attributes()).isEmpty();
    }

    @Test
    void aLongOneIsCut() {
        var trial = trial("{ a: '${ \"x\" * 500 }' }", "do: []", "{}");
        assertThat(trial.run.attributes().get("a")).hasSize(201).endsWith("x…");
    }

    @Test
    void aStepAddsChangesAndRemovesThem() {
        var trial = trial("{ status: new, draft: 'true' }", """
                do:
                  - ask:
                      call: f
                      output: { as: .result }
                      metadata: { searchAttributes: { status: '${ .status }', was: '${ $input.n }', draft: '${ null }', all: '${ . }' } }
                """, "{n: 3}");
        trial.start().succeed("{result: {status: 'paid'}}");
        assertThat(trial.run.attributes())
                .isEqualTo(Map.of("status", "paid", "was", "3", "all", "{\"status\":\"paid\"}"));
    }

    @Test
    void anAttributeOfAStepThatFailsFailsTheStep() {
        var trial = trial(
                "{}", "do: [ { a: { set: { x: 1 }, metadata: { searchAttributes: { k: '${ .x.y }' } } } } ]", "{}");
        assertThat(trial.start().failure().step()).isEqualTo("/do/0/a");
    }

    @Test
    void metadataThatIsNoExpressionIsNotEvaluated() {
        var trial = trial(
                "{ a: .x }",
                "do: [ { s: { set: { y: 1 }, metadata: { note: '${ .q.r }', searchAttributes: { b: .y } } } } ]",
                "{x: 1}");
        assertThat(trial.start().run.attributes()).isEqualTo(Map.of("a", ".x", "b", ".y"));
        assertThat(trial.output()).isEqualTo(json("{y: 1}"));
    }
}

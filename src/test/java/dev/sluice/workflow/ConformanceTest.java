package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the conformance scenarios of the specification ({@code ctk/features}) and its examples expect, in documents of
 * our own. The function http answers here by the script of the test.
 */
class ConformanceTest {
    private static final String RED = "'${ .colors + [ \"red\" ] }'";
    private static final String GREEN = "'${ .colors + [ \"green\" ] }'";
    private static final String BLUE = "'${ .colors + [ \"blue\" ] }'";

    private static List<String> order(Trial trial) {
        return trial.story().stream()
                .filter(line -> line.startsWith("STEP_SUCCEEDED"))
                .map(line -> Visit.pointerOf(line.substring(line.lastIndexOf('/') + 1)))
                .toList();
    }

    @Test
    void branchCompeteHasOneWinner() {
        var trial = Trial.started(
                "do: [ { paint: { fork: { compete: true, branches: [ { r: { set: { colors: " + RED
                        + " } } }, { g: { set: { colors: " + GREEN + " } } }, { b: { set: { colors: " + BLUE
                        + " } } } ] } } } ]",
                "{}");
        assertThat(trial.output().get("colors")).hasSize(1);
    }

    @Test
    void callHttpWithContentOutputInterpolatesAndFilters() {
        var trial = Trial.started("""
                do:
                  - find: { call: http, with: { method: get, endpoint: { uri: 'https://pets.example/find?status={status}' } }, output: { as: '.[0]' } }
                """, "{status: 'available'}");
        assertThat(trial.arguments().at("/endpoint/uri").asText())
                .isEqualTo("https://pets.example/find?status=available");
        assertThat(trial.succeed("[{id: 1, name: 'Rex', status: 'available'}]").output())
                .isEqualTo(json("{id: 1, name: 'Rex', status: 'available'}"));
    }

    @Test
    void callHttpWithBasicAuthenticationEvaluatesIt() {
        var trial = Trial.started("""
                do:
                  - login: { call: http, with: { method: get, endpoint: { uri: 'https://a.example/{user}', authentication: { basic: { username: '${ .user }', password: '${ .word }' } } } } }
                """, "{user: 'ann', word: 'secret'}");
        assertThat(trial.arguments().at("/endpoint/authentication/basic"))
                .isEqualTo(json("{username: 'ann', password: 'secret'}"));
    }

    @Test
    void callOpenApiEvaluatesItsParameters() {
        var trial = Trial.started("""
                do:
                  - find: { call: openapi, with: { document: { endpoint: 'https://pets.example/api.json' }, operationId: find, parameters: { status: '${ .status }' } }, output: { as: '. | length' } }
                """, "{status: 'sold'}");
        assertThat(trial.arguments().at("/parameters/status")).isEqualTo(json("'sold'"));
        assertThat(trial.succeed("[1, 2, 3]").output()).isEqualTo(json("3"));
    }

    @Test
    void dataFlowInputFiltering() {
        var trial = Trial.started(
                "do: [ { id: { input: { from: .user.claims.subject }, set: { playerId: '${ . }' } } } ]",
                "{user: {claims: {subject: 'x1'}}}");
        assertThat(trial.output()).isEqualTo(json("{playerId: 'x1'}"));
    }

    @Test
    void dataFlowNonObjectOutputIsTheNextInput() {
        var trial = Trial.started("""
                do:
                  - one: { call: http, with: { method: get, endpoint: 'https://pets.example/{petId}' }, output: { as: .id } }
                  - two: { call: http, with: { method: get, endpoint: 'https://pets.example/2' }, output: { as: '{ ids: [ $input, .id ] }' } }
                """, "{petId: 1}").succeed("{id: 1}").succeed("{id: 2}");
        assertThat(trial.output()).isEqualTo(json("{ids: [1, 2]}"));
    }

    @Test
    void doRunsItsStepsInSequence() {
        var trial = Trial.started(
                "do: [ { all: { do: [ { r: { set: { colors: " + RED + " } } }, { g: { set: { colors: " + GREEN
                        + " } } }, { b: { set: { colors: " + BLUE + " } } } ] } } ]",
                "{}");
        assertThat(trial.output()).isEqualTo(json("{colors: ['red', 'green', 'blue']}"));
    }

    @Test
    void emitGivesTheWholeEvent() {
        var trial = Trial.started("""
                do: [ { greet: { emit: { event: { with: { source: 'https://s.example', type: com.example.greeted.v1, data: { greetings: '${ "Hello \\(.user.firstName) \\(.user.lastName)!" }' } } } } } } ]
                """, "{user: {firstName: 'John', lastName: 'Doe'}}");
        assertThat(trial.output().fieldNames())
                .toIterable()
                .contains("id", "specversion", "time", "source", "type", "data");
        assertThat(trial.output().get("data")).isEqualTo(json("{greetings: 'Hello John Doe!'}"));
    }

    @Test
    void flowImplicitAndExplicitSequence() {
        var implicit = Trial.started(
                "do: [ { r: { set: { colors: " + RED + " } } }, { g: { set: { colors: " + GREEN + " } } } ]", "{}");
        assertThat(order(implicit)).containsExactly("r", "g");
        var explicit = Trial.started(
                "do: [ { r: { set: { colors: " + RED + " }, then: g } }, { b: { set: { colors: " + BLUE
                        + " }, then: end } }, { g: { set: { colors: " + GREEN + " }, then: b } } ]",
                "{}");
        assertThat(explicit.output()).isEqualTo(json("{colors: ['red', 'green', 'blue']}"));
        assertThat(order(explicit)).containsExactly("r", "g", "b");
    }

    @Test
    void forNamesItsItemAndItsIndex() {
        var trial = Trial.started("""
                do:
                  - loop:
                      for: { each: color, in: .colors }
                      do: [ { mark: { set: { processed: '${ { colors: (.processed.colors + [ $color ]), indexes: (.processed.indexes + [ $index ]) } }' } } } ]
                """, "{colors: ['red', 'green', 'blue']}");
        assertThat(trial.output())
                .isEqualTo(json("{processed: {colors: ['red', 'green', 'blue'], indexes: [0, 1, 2]}}"));
    }

    @Test
    void raiseFaultsWithTheErrorAndItsPlace() {
        var trial = Trial.started("""
                do: [ { raiseError: { raise: { error: { status: 400, type: 'https://serverlessworkflow.io/errors/types/compliance', title: Compliance Error } } } } ]
                """, "{}");
        assertThat(trial.problem().toError()).isEqualTo(json("""
                {status: 400, type: 'https://serverlessworkflow.io/errors/types/compliance', title: 'Compliance Error',
                 instance: '/do/0/raiseError'}"""));
    }

    @Test
    void setKeepsObjects() {
        var trial = Trial.started(
                "do: [ { init: { set: { shape: circle, size: '${ .c.size }', fill: '${ .c.fill }' } } } ]",
                "{c: {size: {w: 6}, fill: {red: 69}}}");
        assertThat(trial.output()).isEqualTo(json("{shape: 'circle', size: {w: 6}, fill: {red: 69}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"red | {colors: ['red']}", "green | {colors: ['green']}", "yellow | {color: 'yellow'}"})
    void switchMatchesOrFallsThroughToItsOwnThen(String color, String output) {
        var trial = Trial.started("""
                do:
                  - choose:
                      switch: [ { red: { when: '.color == "red"', then: setRed } }, { green: { when: '.color == "green"', then: setGreen } } ]
                      then: end
                  - setRed: { set: { colors: %s }, then: end }
                  - setGreen: { set: { colors: %s }, then: end }
                """.formatted(RED, GREEN), "{color: '" + color + "'}");
        assertThat(trial.output()).isEqualTo(json(output));
    }

    @Test
    void switchWithADefaultCase() {
        var trial = Trial.started("""
                do:
                  - choose: { switch: [ { red: { when: '.color == "red"', then: setRed } }, { other: { then: setCustom } } ] }
                  - setRed: { set: { colors: [ red ] }, then: end }
                  - setCustom: { set: { colors: '${ .colors + [ $input.color ] }' } }
                """, "{color: 'yellow'}");
        assertThat(trial.output()).isEqualTo(json("{colors: ['yellow']}"));
    }

    private static Trial failingWith(int filter) {
        var trial = Trial.started("""
                do:
                  - tryGetPet:
                      try: [ { getPet: { call: http, with: { method: get, endpoint: { uri: 'https://pets.example/{petName}' } } } } ]
                      catch:
                        errors: { with: { type: 'https://serverlessworkflow.io/dsl/errors/types/communication', status: %d } }
                        as: err
                        do: [ { setError: { set: { error: '${ $err }' } } } ]
                """.formatted(filter), "{petName: 'Milou'}");
        Problem notFound = Problem.standard(StandardError.COMMUNICATION, Code.SL4012, "no such pet")
                .status(404);
        return trial.fail(trial.leaf(), 1, notFound);
    }

    @Test
    void tryHandlesACaughtError() {
        var error = failingWith(404).output().get("error");
        assertThat(error.fieldNames()).toIterable().contains("type", "status", "title");
        assertThat(error.get("instance")).isEqualTo(json("'/do/0/tryGetPet/try/0/getPet'"));
    }

    @Test
    void tryRaisesAnErrorThatItDoesNotCatch() {
        assertThat(failingWith(503).problem().status()).isEqualTo(404);
    }

    @Test
    void theExampleOfRoomReadingsCorrelatesByRoom() {
        String sensor =
                "{ with: { source: 'https://home.example/sensor', type: %s }, correlate: { roomId: { from: .roomid } } }";
        var trial = Trial.started(
                "do: [ { consume: { listen: { to: { all: [ " + sensor.formatted("temperature") + ", "
                        + sensor.formatted("humidity")
                        + " ] } }, output: { as: '[ .[].reading ]' } } } ]\ntimeout: { after: { hours: 1 } }",
                "{}");
        String event =
                "{specversion: '1.0', id: 'i', source: 'https://home.example/sensor', type: '%s', roomid: '%s', data: {reading: %d}}";
        trial.event(event.formatted("temperature", "kitchen", 21)).event(event.formatted("humidity", "bath", 70));
        assertThat(trial.event(event.formatted("humidity", "kitchen", 45)).output())
                .isEqualTo(json("[21, 45]"));
        assertThat(trial.outside.wakers()).isEmpty();
    }

    @Test
    void theExampleOfACaughtErrorInTheContextSkipsWhatDependsOnIt() {
        var trial = Trial.started("""
                do:
                  - tryGetPet:
                      try: [ { getPet: { call: http, with: { method: get, endpoint: 'https://pets.example/{petId}' } } } ]
                      catch:
                        errors: { with: { status: 404 } }
                        do:
                          - notify: { emit: { event: { with: { source: 'https://pets.example', type: not-found.v1, data: '${ $error }' } } } }
                          - setError: { set: { error: $error }, export: { as: '$context + { error: $error }' } }
                  - buyPet: { if: $context.error == null, call: http, with: { method: put, endpoint: 'https://pets.example/{petId}' } }
                """, "{petId: 1}");
        trial.fail(trial.leaf(), 1, Problem.of(Code.SL4012, "").status(404));
        assertThat(trial.run.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(trial.context().at("/error/status")).isEqualTo(json("404"));
        assertThat(trial.effects(Effect.EmitEvent.class)).hasSize(1);
        assertThat(trial.story()).contains("STEP_SKIPPED /do/1/buyPet");
    }

    @Test
    void theExampleOfAHomeworldPassesAnAddressThroughTheContext() {
        var trial = Trial.started("""
                input: { schema: { format: json, document: { type: object, required: [ id ], properties: { id: { type: integer, minimum: 1 } } } } }
                do:
                  - person: { call: http, with: { method: get, endpoint: 'https://people.example/{id}', output: response }, export: { as: { homeworld: '${ .content.homeworld }' } } }
                  - world: { call: http, with: { method: get, endpoint: '${ $context.homeworld }' } }
                """, "{id: 1}").succeed("{content: {homeworld: 'https://worlds.example/7'}}");
        assertThat(trial.arguments().at("/endpoint/uri").asText()).isEqualTo("https://worlds.example/7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0.0", "1.0.1", "1.0.3"})
    void everyPatchOfTheVersionIsRead(String dsl) {
        var definition = new DefinitionReader()
                .read("document: { dsl: '" + dsl + "', namespace: n, name: w, version: '0.1.0' }\ndo: []");
        assertThat(definition.name()).isEqualTo("w");
    }
}

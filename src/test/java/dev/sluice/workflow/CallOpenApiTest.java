package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The DSL reference, "OpenAPI Call": what the function openapi gets. */
class CallOpenApiTest {
    private static Trial calling(String with, String input) {
        return Trial.started("""
                use: { authentications: { mine: { bearer: { token: '${ .t }' } } } }
                do: [ { ask: { call: openapi, with: %s } } ]
                """.formatted(with), input);
    }

    @Test
    void theDocumentsEndpointHasOneForm() {
        for (String endpoint :
                new String[] {"'https://a.example/{v}/api.json'", "{ uri: 'https://a.example/{v}/api.json' }"}) {
            var trial = calling(
                    "{ document: { endpoint: " + endpoint
                            + " }, operationId: find, parameters: { status: '${ .s }' }, output: response }",
                    "{v: 'v2', s: 'open'}");
            assertThat(trial.arguments()).isEqualTo(json("""
                    {document: {endpoint: {uri: 'https://a.example/v2/api.json'}}, operationId: 'find',
                     parameters: {status: 'open'}, output: 'response'}"""));
            assertThat(trial.last(Effect.EnqueueTask.class).function()).isEqualTo("openapi");
        }
    }

    @Test
    void anAuthenticationOfUseIsPutInPlaceAndVisibleToTheOutput() {
        var trial = Trial.started("""
                use: { authentications: { mine: { bearer: { token: '${ .t }' } } } }
                do:
                  - ask:
                      call: openapi
                      with: { document: { endpoint: 'https://a.example' }, operationId: find, authentication: { use: mine } }
                      output: { as: '${ $authorization }' }
                """, "{t: 'x'}");
        assertThat(trial.arguments().get("authentication")).isEqualTo(json("{bearer: {token: 'x'}}"));
        assertThat(trial.succeed("{}").output()).isEqualTo(json("{scheme: 'Bearer', parameter: 'x'}"));
    }
}

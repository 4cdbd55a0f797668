package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The DSL reference, "HTTP Call", "Endpoint", "URI Template" and "Authentication": what the function http gets. */
class CallHttpTest {
    /** Each secret as the store of secrets gives it: texts are marks. */
    private static final Secrets SECRETS = name -> switch (name) {
        case "token" -> Optional.of(json("'<mark token>'"));
        case "login" -> Optional.of(json("{username: '<mark user>', password: '<mark password>'}"));
        default -> Optional.empty();
    };

    private static Trial calling(String use, String with, String input) {
        var definition = Trial.read(use + "\ndo: [ { ask: { call: http, with: " + with + " } } ]");
        return Trial.of(definition, new Machine(Trial.EVEN, SECRETS), input).start();
    }

    private static JsonNode arguments(String with, String input) {
        return calling("", with, input).arguments();
    }

    private static String uri(String endpoint, String input) {
        return arguments("{ method: get, endpoint: " + endpoint + " }", input)
                .at("/endpoint/uri")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'https://a.example/x'",
                "{ uri: 'https://a.example/x' }",
                "'${ \"https://a.example/\" + .p }'",
                "{ uri: '${ \"https://a.example/\" + .p }' }",
                "'https://a.example/{p}'",
                "{ uri: 'https://a.example/{p}' }"
            })
    void anEndpointHasOneFormForTheFunctionHoweverItIsWritten(String endpoint) {
        assertThat(arguments("{ method: get, endpoint: " + endpoint + " }", "{p: 'x'}"))
                .isEqualTo(json("{method: 'get', endpoint: {uri: 'https://a.example/x'}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{id: 7} | https://a.example/7",
                "{id: true} | https://a.example/true",
                "{id: null} | https://a.example/",
                "{} | https://a.example/",
                "{id: 'a b/c?d&e=ü'} | https://a.example/a%20b%2Fc%3Fd%26e%3D%C3%BC",
                "{id: '-._~'} | https://a.example/-._~"
            })
    void aVariableInAUriIsAMemberOfTheInput(String input, String uri) {
        assertThat(uri("'https://a.example/{id}'", input)).isEqualTo(uri);
    }

    @Test
    void aNameWithADotIsTheNameOfAMember() {
        assertThat(uri("'https://a.example/{pet.id}'", "{'pet.id': 1, pet: {id: 2}}"))
                .isEqualTo("https://a.example/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{id: [1]}", "{id: {a: 1}}"})
    void aVariableThatIsNoPlainValueFailsTheStep(String input) {
        Problem problem = calling("", "{ method: get, endpoint: 'https://a.example/{id}' }", input)
                .problem();
        assertThat(problem.type()).isEqualTo(StandardError.EXPRESSION.type());
        assertThat(problem.status()).isEqualTo(400);
    }

    @Test
    void headersQueryAndBodyMayHoldExpressionsOrBeOne() {
        assertThat(arguments(
                        "{ method: post, endpoint: 'https://a.example', headers: '${ .h }', query: { q: '${ .q }', n: '1' }, body: { deep: [ '${ .q }' ] }, output: response, redirect: true }",
                        "{h: {Accept: 'a'}, q: 'x'}"))
                .isEqualTo(json("""
                        {method: 'post', endpoint: {uri: 'https://a.example'}, headers: {Accept: 'a'},
                         query: {q: 'x', n: '1'}, body: {deep: ['x']}, output: 'response', redirect: true}"""));
    }

    @Test
    void aBodyMayBeAnything() {
        assertThat(arguments("{ method: post, endpoint: 'https://a.example', body: '${ . }' }", "[1, null]")
                        .get("body"))
                .isEqualTo(json("[1, null]"));
    }

    @Test
    void basicAndBearerMayBeWrittenAtTheEndpoint() {
        assertThat(arguments(
                                "{ method: get, endpoint: { uri: 'https://a.example', authentication: { basic: { username: '${ .u }', password: p } } } }",
                                "{u: 'ann'}")
                        .at("/endpoint/authentication"))
                .isEqualTo(json("{basic: {username: 'ann', password: 'p'}}"));
        assertThat(arguments(
                                "{ method: get, endpoint: { uri: 'https://a.example', authentication: { bearer: { token: '${ .t }' } } } }",
                                "{t: 'x'}")
                        .at("/endpoint/authentication"))
                .isEqualTo(json("{bearer: {token: 'x'}}"));
    }

    @Test
    void anAuthenticationOfUseIsPutInPlace() {
        String use = "use: { authentications: { mine: { basic: { username: a, password: '${ .p }' } } } }";
        String with = "{ method: get, endpoint: { uri: 'https://a.example', authentication: { use: mine } } }";
        assertThat(calling(use, with, "{p: 'q'}").arguments().at("/endpoint/authentication"))
                .isEqualTo(json("{basic: {username: 'a', password: 'q'}}"));
    }

    @Test
    void anAuthenticationThatIsNotDefinedIsRefused() {
        assertThatThrownBy(() -> arguments(
                        "{ method: get, endpoint: { uri: 'https://a.example', authentication: { use: none } } }", "{}"))
                .hasMessageContaining("'none' is not defined under use.authentications");
    }

    @Test
    void aSecretIsInTheTaskAsItsMarkOnly() {
        String use = "use: { secrets: [ token, login ], authentications: { mine: { basic: { use: login } } } }";
        String with =
                "{ method: get, endpoint: { uri: 'https://a.example', authentication: { use: mine } }, headers: { X-Key: '${ $secrets.token }' } }";
        var trial = calling(use, with, "{}");
        assertThat(trial.arguments().at("/endpoint/authentication/basic"))
                .isEqualTo(json("{username: '<mark user>', password: '<mark password>'}"));
        assertThat(trial.arguments().at("/headers/X-Key")).isEqualTo(json("'<mark token>'"));
    }

    @Test
    void aSecretThatIsATextIsABearersToken() {
        String with =
                "{ method: get, endpoint: { uri: 'https://a.example', authentication: { bearer: { use: token } } } }";
        assertThat(calling("use: { secrets: [ token ] }", with, "{}")
                        .arguments()
                        .at("/endpoint/authentication"))
                .isEqualTo(json("{bearer: {token: '<mark token>'}}"));
    }

    @Test
    void aSecretThatIsNotThereIsAnErrorOfAuthorization() {
        var trial = calling(
                "use: { secrets: [ gone ] }",
                "{ method: get, endpoint: 'https://a.example', body: '${ $secrets.gone }' }",
                "{}");
        assertThat(trial.problem().type()).isEqualTo(StandardError.AUTHORIZATION.type());
        assertThat(trial.problem().status()).isEqualTo(403);
        assertThat(trial.problem().detail()).contains("'gone'");
    }

    @Test
    void aSecretThatIsNotListedIsRefused() {
        assertThatThrownBy(() ->
                        arguments("{ method: get, endpoint: 'https://a.example', body: '${ $secrets.other }' }", "{}"))
                .hasMessageContaining("the secret 'other' is not listed under use.secrets");
    }

    @Test
    void theAuthorizationOfTheCallIsVisibleToItsOutput() {
        var definition = Trial.read("""
                do:
                  - ask:
                      call: http
                      with: { method: get, endpoint: { uri: 'https://a.example', authentication: { basic: { username: ann, password: p } } } }
                      output: { as: '${ $authorization }' }
                  - next: { set: { a: '${ $authorization }' } , output: { as: '${ [ $input, .a ] }' } }
                """);
        var trial = Trial.of(definition, Trial.machine(), "{}").start().succeed("{}");
        assertThat(trial.output()).isEqualTo(json("[{scheme: 'Basic', parameter: 'YW5uOnA='}, null]"));
    }

    @Test
    void oauth2IsHandedOverWithItsPartsEvaluated() {
        String oauth2 =
                "{ authority: 'https://id.example', grant: client_credentials, client: { id: '${ .c }', secret: s }, scopes: [ api ] }";
        assertThat(arguments(
                                "{ method: get, endpoint: { uri: 'https://a.example', authentication: { oauth2: "
                                        + oauth2 + " } } }",
                                "{c: 'me'}")
                        .at("/endpoint/authentication/oauth2"))
                .isEqualTo(
                        json(
                                "{authority: 'https://id.example', grant: 'client_credentials', client: {id: 'me', secret: 's'}, scopes: ['api']}"));
    }
}

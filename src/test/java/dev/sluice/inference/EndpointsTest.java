package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.ProblemException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {
    private static final Map<String, String> MANAGED = Map.of(
            "endpoints.managed.url", "https://llm.example/v1/",
            "endpoints.managed.model", "gpt-5.4-mini",
            "endpoints.managed.input-price", "0.40",
            "endpoints.managed.output-price", "2.50");

    private static Routes routes(Map<String, String> properties) {
        return routes(Settings.of(properties));
    }

    private static Routes routes(InferenceSettings settings) {
        return new Routes(settings, new Endpoints(settings, () -> URI.create("http://127.0.0.1:1/v1")));
    }

    private static Endpoint first(Routes routes, String alias) {
        return routes.of(alias).endpoints().getFirst();
    }

    private static Map<String, String> managed(String name, String value) {
        Map<String, String> properties = new HashMap<>(MANAGED);
        if (value == null) properties.remove(name);
        else properties.put(name, value);
        return properties;
    }

    @Test
    void withoutConfigurationTheDefaultIsTheOfflineModelForNothing() {
        Routes routes = routes(Map.of());
        routes.check();
        assertThat(first(routes, "").model()).isEqualTo("sluice-offline");
        assertThat(first(routes, "").price()).isEqualTo(Price.FREE);
    }

    @Test
    void anAliasIsAnEndpointsNameOrTheNameOfItsModel() {
        Routes routes = routes(MANAGED);
        assertThat(first(routes, "managed")).isSameAs(first(routes, "gpt-5.4-mini"));
        assertThat(first(routes, "managed").price()).isEqualTo(new Price(400_000, 2_500_000));
    }

    @Test
    void anUnknownDefaultIsToldAtTheStart() {
        Routes routes = routes(managed("model", "mangaed"));
        ProblemException failed = catchThrowableOfType(ProblemException.class, routes::check);
        assertThat(failed.problem().code()).isEqualTo("SL1007");
        assertThat(failed.problem().detail()).contains("sluice.inference.model", "\"mangaed\"", "managed, offline");
    }

    @ParameterizedTest
    @CsvSource({
        "url, , is not set",
        "url, llm.example/v1, must be an http or https URL",
        "url, https://user:word@llm.example/v1, must be an http or https URL",
        "model, , is not set",
        "input-price, , an unknown price must not pass for free",
        "output-price, -1, must not be negative",
        "concurrency, 0, must be above 0",
        "timeout, 0s, must be above 0",
        "output-limit-field, tokens, must be max_completion_tokens or max_tokens"
    })
    void aSettingThatCannotBeUsedIsNamed(String member, String value, String message) {
        Map<String, String> properties = managed("endpoints.managed." + member, value);
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> routes(properties));
        assertThat(failed.problem().code()).isEqualTo("SL1007");
        assertThat(failed.problem().detail())
                .contains("sluice.inference.endpoints.managed." + member, message)
                .doesNotContain("word");
    }

    @Test
    void environmentVariablesConfigureAnEndpoint() {
        InferenceSettings settings = Settings.ofEnvironment(Map.of(
                "SLUICE_INFERENCE_MODEL", "deepseek",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_URL", "https://llm.example/v1",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_KEY", "sk-abcdefgh",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_MODEL", "DeepSeek-V4-Pro",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_INPUT_PRICE", "1.39",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_OUTPUT_PRICE", "1.39",
                "SLUICE_INFERENCE_ENDPOINTS_DEEPSEEK_ANSWER_FORMAT", "json-object"));
        Endpoint endpoint = first(routes(settings), "");
        assertThat(endpoint.model()).isEqualTo("DeepSeek-V4-Pro");
        assertThat(endpoint.price()).isEqualTo(new Price(1_390_000, 1_390_000));
        assertThat(endpoint.key().authorization()).isEqualTo("Bearer sk-abcdefgh");
        assertThat(endpoint.toString()).doesNotContain("abcdefgh");
    }

    @Test
    void aKeyIsTakenOutOfWhatOthersSay() {
        Key key = new Key(Optional.of("topsecret-42"));
        assertThat(key.scrub("wrong topsecret-42!")).isEqualTo("wrong ***!");
        assertThat(key.scrub("wrong topsec***42 and sk-live-abc123")).isEqualTo("wrong *** and ***");
        assertThat(key).hasToString("***");
    }

    @Test
    void costsAreRoundedUpOnceACall() {
        assertThat(new Price(400_000, 2_500_000).usage(1, 1).costMicros()).isEqualTo(3);
        assertThat(new Price(1, 0).usage(1, 0).costMicros()).isEqualTo(1);
        assertThat(Price.FREE.usage(1_000_000, 1_000_000).costMicros()).isZero();
    }
}

package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.functions.RawServer;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes back from an endpoint, over real HTTP. Quarkus runs because it generates the client. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
class ModelsTest {
    public static final class NoServices implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("sluice.roles", "functions", "quarkus.http.test-port", "0");
        }
    }

    private static final String KEY = "sk-verysecret-0123456789abcdef";
    private static final JsonNode SCHEMA =
            Texts.json("{'type': 'object', 'required': ['label'], 'properties': {'label': {'enum': ['a', 'b']}}}");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

    @Inject
    Models installed;

    @Inject
    Vertx vertx;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private StubEndpoint stub;

    @BeforeEach
    void start() {
        stub = new StubEndpoint();
        stub.say("{\"label\": \"a\"}");
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    /** @param more pairs of a setting of the endpoint and its value */
    private Models models(String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("model", "managed");
        properties.put("endpoints.managed.url", stub.url());
        properties.put("endpoints.managed.model", "gpt-5.4-mini");
        properties.put("endpoints.managed.key", KEY);
        properties.put("endpoints.managed.input-price", "0.40");
        properties.put("endpoints.managed.output-price", "2.50");
        for (int i = 0; i < more.length; i += 2) properties.put("endpoints.managed." + more[i], more[i + 1]);
        return new Models(GatewayMaker.make(Settings.of(properties), surroundings()));
    }

    private GatewayMaker.Surroundings surroundings() {
        return new GatewayMaker.Surroundings(
                Optional.empty(),
                Optional.empty(),
                registry,
                vertx,
                ModelSpans.OFF,
                () -> URI.create("http://127.0.0.1:1"),
                CLOCK,
                new Random(1));
    }

    private static Ask ask(String model) {
        return new Ask(model, "Classify.", "Some text", "label", SCHEMA, 300);
    }

    private static ProblemException failure(Models models) {
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> models.ask(ask("")));
        assertThat(failed).isNotNull();
        assertThat(printed(failed)).doesNotContain("verysecret").doesNotContain("0123456789abcdef");
        return failed;
    }

    private static String printed(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void anAnswerCarriesItsValueItsUsageAndItsPriceRoundedUp() {
        Answer answer = models().ask(ask(""));
        assertThat(answer.value()).isEqualTo(Texts.json("{'label': 'a'}"));
        assertThat(answer.usage()).isEqualTo(new Usage(1_000, 200, 900));
        assertThat(answer.endpoint()).isEqualTo("managed");
        assertThat(answer.model()).isEqualTo("gpt-5.4-mini");
    }

    @Test
    void theRequestCarriesTheSchemaTheLimitAndTheKeyAndNoTemperatureUnlessConfigured() {
        models().ask(ask(""));
        JsonNode request = stub.requests.getFirst();
        assertThat(stub.authorizations).containsExactly("Bearer " + KEY);
        assertThat(request.at("/model").asText()).isEqualTo("gpt-5.4-mini");
        assertThat(request.at("/messages/0/role").asText()).isEqualTo("system");
        assertThat(request.at("/response_format/json_schema/schema")).isEqualTo(SCHEMA);
        assertThat(request.at("/response_format/json_schema/strict").asBoolean())
                .isTrue();
        assertThat(request.at("/max_completion_tokens").asInt()).isEqualTo(300);
        assertThat(request.has("temperature")).isFalse();
    }

    @Test
    void aLocalServerIsAskedInItsOwnWords() {
        models("output-limit-field", "max_tokens", "temperature", "0", "answer-format", "json-object")
                .ask(ask(""));
        JsonNode request = stub.requests.getFirst();
        assertThat(request.at("/max_tokens").asInt()).isEqualTo(300);
        assertThat(request.at("/temperature").asInt(-1)).isZero();
        assertThat(request.at("/response_format/type").asText()).isEqualTo("json_object");
        assertThat(request.at("/messages/0/content").asText()).contains(SCHEMA.toString());
    }

    @Test
    void anEndpointWithoutAKeyGetsNoAuthorization() {
        models("key", "").ask(ask("gpt-5.4-mini"));
        assertThat(stub.authorizations).containsExactly("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "```json\n{\"label\": \"b\"}\n```",
                "Here it is: {\"label\": \"b\"} I hope it helps.",
                "<think>{\"label\": \"a\"}?</think>{\"label\": \"b\"}"
            })
    void anAnswerInAFenceOrInProseIsRepairedWithoutAnotherCall(String content) {
        stub.say(content);
        assertThat(models().ask(ask("")).value()).isEqualTo(Texts.json("{'label': 'b'}"));
        assertThat(stub.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "I would say a.;it is not JSON",
                "{\"label\": \"c\"};/label breaks \"enum\"",
                "{};/ breaks \"required\"",
                "``;the answer is empty"
            })
    void anAnswerThatCannotBeUsedIsWorthAnotherAttemptAndWasPaidFor(String content, String flaw) {
        stub.say(content);
        ProblemException failed = failure(models());
        assertThat(failed.problem().code()).isEqualTo("SL5003");
        assertThat(failed.problem().retryable()).isTrue();
        assertThat(failed.problem().detail()).contains(flaw, "gpt-5.4-mini", "managed");
        assertThat(failed.usage()).as("asked, and once more").isEqualTo(new Usage(2_000, 400, 1_800));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'finish_reason': 'length', 'message': {'content': '{'}};cut off at its token limit",
                "{'finish_reason': 'stop', 'message': {'content': null, 'refusal': 'No.'}};the model refused: No",
                "{'finish_reason': 'content_filter', 'message': {'content': ''}};content filter"
            })
    void anAnswerThatIsNotWholeIsNotUsed(String choice, String flaw) {
        stub.body = Texts.json("{'choices': [" + choice + "]}").toString();
        ProblemException failed = failure(models());
        assertThat(failed.problem().code()).isEqualTo("SL5003");
        assertThat(failed.problem().detail()).contains(flaw);
        assertThat(failed.usage().inputTokens()).as("estimated").isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "400, SL5002, false",
        "401, SL5002, false",
        "403, SL5002, false",
        "404, SL5002, false",
        "302, SL5002, false",
        "408, SL5002, true",
        "500, SL5002, true",
        "503, SL5002, true",
        "429, SL5004, true"
    })
    void aStatusSaysWhetherAnotherAttemptCanHelp(int status, String code, boolean retryable) {
        stub.status = status;
        stub.body = "{\"error\": {\"message\": \"Bad key " + KEY + " or " + KEY.substring(0, 12) + "***, sorry.\"}}";
        Problem problem = failure(models()).problem();
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.retryable()).isEqualTo(retryable);
        assertThat(problem.detail()).contains("gpt-5.4-mini", "managed", "Bad key ***");
    }

    @Test
    void anErrorPageOfAProxyIsShortened() {
        stub.status = 502;
        stub.headers = Map.of("Content-Type", "text/html");
        stub.body = "<html>" + "x".repeat(10_000);
        assertThat(failure(models()).problem().detail()).hasSizeLessThan(600).contains("<html>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "Retry-After;7;7000",
                "retry-after-ms;1500;1500",
                "Retry-After;Sun, 01 Mar 2026 12:00:30 GMT;30000",
                "Retry-After;99999999;86400000",
                "Retry-After;soon;1000"
            })
    void aLimitSaysHowLongToWait(String header, String value, long millis) {
        stub.status = 429;
        stub.headers = Map.of(header, value);
        Problem problem = failure(models()).problem();
        assertThat(problem.code()).isEqualTo("SL5004");
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void anEndpointThatIsNotThereIsNotReachable() {
        Models models = models();
        stub.close();
        Problem problem = failure(models).problem();
        assertThat(problem.code()).isEqualTo("SL5001");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.detail()).contains("endpoint \"managed\"", "sluice.inference.endpoints.managed.url");
    }

    @Test
    void aConnectionThatBreaksIsNotReachable() {
        stub.abrupt = true;
        assertThat(failure(models()).problem().code()).isEqualTo("SL5001");
    }

    @Test
    void anEndpointThatStaysSilentTimesOut() {
        stub.silent = true;
        Problem problem = failure(models("timeout", "300ms")).problem();
        assertThat(problem.code()).isEqualTo("SL5006");
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.detail()).contains("within 0.3 s");
    }

    @Test
    void anInterruptedCallIsGivenUpAndItsConnectionIsClosed() throws Exception {
        try (RawServer silent = RawServer.waiting("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")) {
            Models models = models("url", silent.url("/v1"));
            var failed = new CompletableFuture<ProblemException>();
            Thread call = Thread.ofVirtual().start(() -> failed.complete(failure(models)));
            assertThat(silent.isReached()).isTrue();
            call.interrupt();
            assertThat(silent.isClosedWithin(2)).isTrue();
            Problem problem = failed.get(2, TimeUnit.SECONDS).problem();
            assertThat(problem.code()).isEqualTo("SL5001");
            assertThat(problem.detail()).contains("nobody waits for the answer");
        }
    }

    @Test
    void aCallThatTimesOutIsClosed() throws Exception {
        try (RawServer silent = RawServer.waiting("")) {
            failure(models("url", silent.url("/v1"), "timeout", "300ms"));
            assertThat(silent.isClosedWithin(2)).isTrue();
        }
    }

    @Test
    void anAnswerThatTricklesInTimesOutAsAWhole() {
        stub.slow = true;
        assertThat(failure(models("timeout", "500ms")).problem().code()).isEqualTo("SL5006");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'type': 'string', 'pattern': '['}",
                "{'$ref': '#/$defs/none'}",
                "{'$ref': 'STUB/chat/completions'}",
                "[]"
            })
    void aSchemaThatIsNotValidIsRefusedBeforeAnythingIsPaidAndNothingIsFetched(String schema) {
        Ask ask = new Ask("", "", "text", "label", Texts.json(schema.replace("STUB", stub.url())), 300);
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> models().ask(ask));
        assertThat(failed.problem().code()).isEqualTo("SL4008");
        assertThat(stub.requests).isEmpty();
    }

    @Test
    void anAnswerThatIsNotJsonAtAllIsNotUsed() {
        stub.body = "OK";
        assertThat(failure(models()).problem().detail()).contains("it is not a JSON object");
    }

    @Test
    void anUnknownAliasIsNotConfigured() {
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> models().ask(ask("gpt-6")));
        assertThat(failed.problem().code()).isEqualTo("SL5005");
        assertThat(failed.problem().retryable()).isFalse();
        assertThat(failed.problem().detail()).contains("\"gpt-6\"", "managed, offline");
    }

    @Test
    void theMiddleOfALongMessageIsLeftOut() {
        Ask ask = new Ask("", "", "start " + "x".repeat(5_000) + " end", "label", SCHEMA, 300);
        models("input-characters-max", "1000").ask(ask);
        String sent = stub.requests.getFirst().at("/messages/0/content").asText();
        assertThat(sent)
                .hasSizeLessThanOrEqualTo(1_000)
                .startsWith("start ")
                .endsWith(" end")
                .contains("left out");
    }

    @Test
    void everyCallIsCountedByItsOutcome() {
        Models models = models();
        models.ask(ask(""));
        stub.status = 500;
        failure(models);
        assertThat(registry.get("sluice.inference.requests")
                        .tag("outcome", "answered")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("sluice.inference.requests")
                        .tag("outcome", "SL5002")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("gen_ai.client.token.usage")
                        .tag("gen_ai.token.type", "input")
                        .summary()
                        .totalAmount())
                .isEqualTo(1_000);
    }

    @Test
    void theOfflineModelIsReachedOverHttpWithoutAnyConfiguration() {
        installed.start();
        JsonNode schema = Texts.json("{'type': 'object', 'properties': {'label': {'enum': ['invoice', 'letter']}}}");
        Ask ask = new Ask("offline", "", Texts.document("a", Texts.LETTER), "label", schema, 300);
        Answer answer = installed.ask(ask);
        assertThat(answer.value().get("label").asText()).isEqualTo("letter");
        assertThat(answer.endpoint()).isEqualTo("offline");
        assertThat(answer.usage().costMicros()).isZero();
    }

    @Test
    void whatTheOfflineModelRefusesIsRefusedForGood() {
        Ask ask = new Ask(
                "offline",
                "",
                "text",
                "a",
                JsonNodeFactory.instance.objectNode().put("not", "x"),
                300);
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> installed.ask(ask));
        assertThat(failed.problem().code()).isEqualTo("SL5002");
        assertThat(failed.problem().detail()).contains("the schema keyword \"not\" is not supported");
    }
}

package dev.sluice.inference;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.workflow.ProblemException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One span for each exchange, by the conventions for generative AI. */
class ModelSpansTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";
    private static final Account ACCOUNT =
            new Account("acme", "default.triage", "r-42", "/do/0/ask", 2, "", Map.of(), "");
    private static final String REQUEST = """
            {"model": "gpt-x", "max_completion_tokens": 500, "temperature": 0.5, "n": 1,
             "response_format": {"type": "json_schema"},
             "messages": [{"role": "system", "content": "be brief"},
                          {"role": "user", "content": [{"type": "text", "text": "hidden prompt"},
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]}
            """;
    private static final String RESPONSE = """
            {"id": "chatcmpl-1", "model": "gpt-x-2026", "choices": [{"finish_reason": "stop",
             "message": {"role": "assistant", "content": "hidden answer"}}]}
            """;

    private final InMemorySpanExporter exported = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(exported))
            .build();

    @AfterEach
    void stop() {
        provider.close();
    }

    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }

    private static ModelSpans.Call call(String traceparent) throws JsonProcessingException {
        URI url = URI.create("https://llm.example/v1");
        return new ModelSpans.Call("chat", "openai", "managed", url, json(REQUEST), ACCOUNT, traceparent);
    }

    private ModelSpans spans(boolean content) {
        return ModelSpans.of(provider.get("test"), content);
    }

    private SpanData span() {
        assertThat(exported.getFinishedSpanItems()).hasSize(1);
        return exported.getFinishedSpanItems().getFirst();
    }

    @Test
    void anAnswerIsAClientSpanBelowTheStep() throws JsonProcessingException {
        ModelSpans.Exchange exchange = spans(false).begin(call(TRACEPARENT));
        exchange.began(Duration.ofMillis(250));
        exchange.answered(json(RESPONSE), new Tokens(1_000, 100, 20), 450);
        SpanData span = span();
        assertThat(span.getName()).isEqualTo("chat gpt-x");
        assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(span.getTraceId()).isEqualTo(TRACE);
        assertThat(span.getParentSpanId()).isEqualTo(PARENT);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        Map<String, String> texts = new HashMap<>();
        span.getAttributes().forEach((key, value) -> texts.put(key.getKey(), String.valueOf(value)));
        assertThat(texts)
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "openai")
                .containsEntry("gen_ai.request.model", "gpt-x")
                .containsEntry("gen_ai.request.max_tokens", "500")
                .containsEntry("gen_ai.request.temperature", "0.5")
                .containsEntry("gen_ai.output.type", "json")
                .containsEntry("gen_ai.response.model", "gpt-x-2026")
                .containsEntry("gen_ai.response.id", "chatcmpl-1")
                .containsEntry("server.address", "llm.example")
                .containsEntry("server.port", "443")
                .containsEntry("sluice.endpoint", "managed")
                .containsEntry("sluice.run", "r-42")
                .containsEntry("sluice.step", "/do/0/ask")
                .containsEntry("sluice.attempt", "2")
                .containsEntry("gen_ai.response.time_to_first_chunk", "0.25")
                .doesNotContainKeys("gen_ai.request.choice.count", "error.type");
        assertThat(span.getAttributes().get(longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(1_000);
        assertThat(span.getAttributes().get(longKey("gen_ai.usage.cache_read.input_tokens")))
                .isEqualTo(100);
        assertThat(span.getAttributes().get(longKey("gen_ai.usage.output_tokens")))
                .isEqualTo(20);
        assertThat(span.getAttributes().get(longKey("sluice.cost.micros"))).isEqualTo(450);
        assertThat(span.getAttributes().get(stringArrayKey("gen_ai.response.finish_reasons")))
                .isEqualTo(List.of("stop"));
    }

    @Test
    void theEndpointIsGivenTheSpanAsItsParent() throws JsonProcessingException {
        ModelSpans.Exchange exchange = spans(false).begin(call(TRACEPARENT));
        exchange.failed("429");
        assertThat(exchange.traceparent()).isEqualTo("00-" + TRACE + "-" + span().getSpanId() + "-01");
    }

    @Test
    void aFailureHasItsTypeAndNoTextOfTheEndpoint() throws JsonProcessingException {
        ModelSpans.Exchange exchange = spans(true).begin(call(TRACEPARENT));
        exchange.failed("SL5006");
        exchange.answered(json(RESPONSE), Tokens.NONE, 0);
        assertThat(span().getAttributes().get(stringKey("error.type"))).isEqualTo("SL5006");
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span().getStatus().getDescription()).isEmpty();
        assertThat(span().getAttributes().get(longKey("gen_ai.usage.input_tokens")))
                .as("the first end counts")
                .isNull();
    }

    @Test
    void whatIsAskedAndAnsweredIsLeftOutUnlessItIsWanted() throws JsonProcessingException {
        spans(false).begin(call(TRACEPARENT)).answered(json(RESPONSE), Tokens.NONE, 0);
        assertThat(span().getAttributes().toString()).doesNotContain("hidden", "be brief", "AAAA");
        exported.reset();
        spans(true).begin(call(TRACEPARENT)).answered(json(RESPONSE), Tokens.NONE, 0);
        assertThat(json(span().getAttributes().get(stringKey("gen_ai.input.messages"))))
                .isEqualTo(json("""
                        [{"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
                         {"role": "user", "parts": [{"type": "text", "content": "hidden prompt"},
                                                    {"type": "blob", "modality": "image"}]}]"""));
        assertThat(json(span().getAttributes().get(stringKey("gen_ai.output.messages"))))
                .isEqualTo(json("""
                        [{"role": "assistant", "finish_reason": "stop",
                          "parts": [{"type": "text", "content": "hidden answer"}]}]"""));
    }

    @Test
    void toolCallsAndTheirResultsAreToldInTheirOwnParts() throws JsonProcessingException {
        String messages = SpanContent.input(json("""
                {"messages": [{"role": "assistant", "content": null, "tool_calls":
                    [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
                  {"role": "tool", "tool_call_id": "1", "content": "%s"}]}""".formatted("x".repeat(10_000))));
        assertThat(json(messages).at("/0/parts/0"))
                .isEqualTo(json("{\"type\":\"tool_call\",\"id\":\"1\",\"name\":\"f\",\"arguments\":\"{}\"}"));
        assertThat(json(messages).at("/1/parts/0/type").asText()).isEqualTo("tool_call_response");
        assertThat(json(messages).at("/1/parts/0/result").asText()).hasSizeLessThanOrEqualTo(4_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"})
    void withoutAParentATraceBegins(String traceparent) throws JsonProcessingException {
        spans(false).begin(call(traceparent)).failed("500");
        assertThat(span().getParentSpanContext().isValid()).isFalse();
        assertThat(span().getSpanContext().isValid()).isTrue();
    }

    private static TelemetrySettings settings(String... pairs) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2)
            properties.put("sluice.inference.telemetry." + pairs[i], pairs[i + 1]);
        return new SmallRyeConfigBuilder()
                .withMapping(TelemetrySettings.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(TelemetrySettings.class);
    }

    @Test
    void withoutACollectorTheTraceIsPassedOnAndNonsenseIsNot() throws JsonProcessingException {
        ModelSpans off = ModelSpans.of(settings("endpoint", ""));
        assertThat(off).isSameAs(ModelSpans.OFF).isSameAs(ModelSpans.of(settings()));
        assertThat(off.begin(call(TRACEPARENT)).traceparent()).isEqualTo(TRACEPARENT);
        assertThat(off.begin(call("x\r\ny")).traceparent()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"endpoint, collector:4318", "endpoint, https://a:b@collector", "sample, 2", "sample, NaN"})
    void aSettingThatCannotBeUsedIsNamed(String member, String value) {
        TelemetrySettings settings = settings("endpoint", "http://127.0.0.1:1", member, value);
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> ModelSpans.of(settings));
        assertThat(failed.problem().oneLine()).contains("SL1007", "sluice.inference.telemetry." + member);
    }

    @Test
    void spansAreSentToTheCollectorWithItsHeaders() throws Exception {
        try (var collector = new Collector()) {
            ModelSpans spans = ModelSpans.of(
                    settings("endpoint", collector.url() + "/", "headers.x-key", "k3y", "service", "sluice-eu"));
            spans.begin(call(TRACEPARENT)).answered(json(RESPONSE), new Tokens(1, 0, 1), 1);
            spans.close();
            assertThat(collector.path).isEqualTo("/v1/traces");
            assertThat(collector.key).isEqualTo("k3y");
            assertThat(new String(collector.body, StandardCharsets.ISO_8859_1))
                    .contains("chat gpt-x", "sluice-eu", "gen_ai.usage.input_tokens");
        }
    }

    @Test
    void namesOfAttributesAreThoseOfTheConventions() throws JsonProcessingException {
        spans(true).begin(call(TRACEPARENT)).answered(json(RESPONSE), new Tokens(1, 1, 1), 1);
        List<String> names = span().getAttributes().asMap().keySet().stream()
                .map(AttributeKey::getKey)
                .toList();
        assertThat(names).allMatch(name -> name.matches("(gen_ai|server|sluice)\\.[a-z_.]+"));
    }
}

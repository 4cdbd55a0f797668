package dev.sluice.inference;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Makes spans by OpenTelemetry's SDK and sends them in batches, OTLP over HTTP. The only class that knows the SDK. */
final class OtlpSpans implements ModelSpans {
    /** Five seconds: a collector that is away must not hold up the end of a process. */
    private static final Duration CLOSE_DURATION_MAX = Duration.ofSeconds(5);

    private static final Duration EXPORT_DURATION_MAX = Duration.ofSeconds(10);

    private static final W3CTraceContextPropagator W3C_HEADERS = W3CTraceContextPropagator.getInstance();

    private static final TextMapGetter<String> TRACEPARENT = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String traceparent) {
            return List.of("traceparent");
        }

        @Override
        public String get(String traceparent, String name) {
            return name.equals("traceparent") ? traceparent : null;
        }
    };

    /** Members of the request that are attributes of the span, by the type that they have there. */
    private static final Map<String, String> LONGS = Map.of(
            "max_tokens", "gen_ai.request.max_tokens",
            "max_completion_tokens", "gen_ai.request.max_tokens",
            "seed", "gen_ai.request.seed");

    private static final Map<String, String> DOUBLES = Map.of(
            "temperature", "gen_ai.request.temperature",
            "top_p", "gen_ai.request.top_p",
            "frequency_penalty", "gen_ai.request.frequency_penalty",
            "presence_penalty", "gen_ai.request.presence_penalty");

    private final Tracer tracer;
    private final boolean content;
    private final Runnable closing;

    OtlpSpans(Tracer tracer, boolean content, Runnable closing) {
        this.tracer = tracer;
        this.content = content;
        this.closing = closing;
    }

    static OtlpSpans to(String endpoint, TelemetrySettings settings) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint + "/v1/traces")
                .setHeaders(settings::headers)
                .setTimeout(EXPORT_DURATION_MAX)
                .setCompression("gzip")
                .build();
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(stringKey("service.name"), settings.service())))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.sample())))
                // Its queue has 2,048 spans; what is more is dropped, never waited for.
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build();
        return new OtlpSpans(
                provider.get("dev.sluice.inference"),
                settings.content(),
                () -> provider.shutdown().join(CLOSE_DURATION_MAX.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public Exchange begin(Call call) {
        JsonNode request = call.request();
        String model = request.path("model").asText("");
        SpanBuilder builder = tracer.spanBuilder((call.operation() + " " + model).strip())
                .setSpanKind(SpanKind.CLIENT)
                .setParent(W3C_HEADERS.extract(Context.root(), call.traceparent(), TRACEPARENT));
        builder.setAttribute("gen_ai.operation.name", call.operation());
        builder.setAttribute("gen_ai.provider.name", call.provider());
        set(builder, "gen_ai.request.model", model);
        server(builder, call.url());
        parameters(builder, request);
        account(builder, call);
        Span span = builder.startSpan();
        if (content && span.isRecording()) {
            set(span, "gen_ai.input.messages", SpanContent.input(request));
        }
        return new Recorded(span, content);
    }

    private static void server(SpanBuilder builder, URI url) {
        if (url.getHost() == null) return;
        builder.setAttribute("server.address", url.getHost());
        int port = url.getPort() >= 0 ? url.getPort() : "http".equalsIgnoreCase(url.getScheme()) ? 80 : 443;
        builder.setAttribute("server.port", port);
    }

    private static void parameters(SpanBuilder builder, JsonNode request) {
        LONGS.forEach((member, attribute) -> {
            if (request.path(member).isIntegralNumber()) {
                builder.setAttribute(attribute, request.path(member).longValue());
            }
        });
        DOUBLES.forEach((member, attribute) -> {
            if (request.path(member).isNumber()) {
                builder.setAttribute(attribute, request.path(member).doubleValue());
            }
        });
        int choices = request.path("n").asInt(1);
        if (choices != 1) builder.setAttribute("gen_ai.request.choice.count", choices);
        String format = request.path("response_format").path("type").asText("");
        if (format.startsWith("json")) builder.setAttribute("gen_ai.output.type", "json");
        if (request.path("stream").asBoolean()) builder.setAttribute(booleanKey("gen_ai.request.stream"), true);
    }

    private static void account(SpanBuilder builder, Call call) {
        Account account = call.account();
        set(builder, "sluice.endpoint", call.endpoint());
        set(builder, "sluice.tenant", account.tenant());
        set(builder, "sluice.workflow", account.workflow());
        set(builder, "sluice.run", account.run());
        set(builder, "sluice.step", account.step());
        if (account.attempt() > 0) builder.setAttribute("sluice.attempt", account.attempt());
    }

    private static void set(SpanBuilder builder, String name, String value) {
        if (!value.isEmpty()) builder.setAttribute(name, value);
    }

    private static void set(Span span, String name, String value) {
        if (!value.isEmpty()) span.setAttribute(name, value);
    }

    @Override
    public void close() {
        closing.run();
    }

    /** The span of one exchange; the SDK takes its end once. */
    private record Recorded(Span span, boolean content) implements Exchange {
        @Override
        public String traceparent() {
            Map<String, String> headers = new HashMap<>();
            W3C_HEADERS.inject(Context.root().with(span), headers, Map::put);
            return headers.getOrDefault("traceparent", "");
        }

        @Override
        public void began(Duration elapsed) {
            span.setAttribute("gen_ai.response.time_to_first_chunk", elapsed.toNanos() / 1e9);
        }

        @Override
        public void answered(JsonNode response, Tokens tokens, long costMicros) {
            set(span, "gen_ai.response.id", response.path("id").asText(""));
            set(span, "gen_ai.response.model", response.path("model").asText(""));
            List<String> reasons = new ArrayList<>();
            for (JsonNode choice : response.path("choices")) {
                String reason = choice.path("finish_reason").asText("");
                if (!reason.isEmpty()) reasons.add(reason);
            }
            if (!reasons.isEmpty()) span.setAttribute(stringArrayKey("gen_ai.response.finish_reasons"), reasons);
            span.setAttribute("gen_ai.usage.input_tokens", tokens.input());
            span.setAttribute("gen_ai.usage.output_tokens", tokens.output());
            if (tokens.cached() > 0) span.setAttribute("gen_ai.usage.cache_read.input_tokens", tokens.cached());
            span.setAttribute("sluice.cost.micros", costMicros);
            if (content) set(span, "gen_ai.output.messages", SpanContent.output(response));
            span.end();
        }

        @Override
        public void failed(String errorType) {
            span.setAttribute("error.type", errorType);
            span.setStatus(StatusCode.ERROR);
            span.end();
        }
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.opentelemetry.api.trace.Tracer;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A span for every exchange with an endpoint, by OpenTelemetry's semantic conventions for generative AI (1.37, and of
 * later ones what is told of streams and of prompt caches). Costs nothing while it is {@link #OFF}: then the trace of
 * the step is passed on as it came.
 */
interface ModelSpans extends AutoCloseable {
    /**
     * What is about to be asked.
     *
     * @param operation {@code chat} or {@code embeddings}
     * @param provider whose dialect the endpoint speaks, {@code openai} if nothing else is known
     * @param endpoint its name in the settings
     * @param url of the endpoint; no more than host and port of it is shown
     * @param request body, as it is sent
     * @param account on whose behalf
     * @param traceparent of the step or of the caller's request (W3C Trace Context); "" or nonsense: a new trace
     */
    record Call(
            String operation,
            String provider,
            String endpoint,
            URI url,
            JsonNode request,
            Account account,
            String traceparent) {
        public Call {
            Objects.requireNonNull(operation);
            Objects.requireNonNull(provider);
            Objects.requireNonNull(endpoint);
            Objects.requireNonNull(url);
            Objects.requireNonNull(request);
            Objects.requireNonNull(account);
            Objects.requireNonNull(traceparent);
        }
    }

    /** An exchange under way. One of its ends is called, once; a later one changes nothing. From any thread. */
    interface Exchange {
        /** To be sent upstream as header {@code traceparent}; "" when there is no trace. */
        String traceparent();

        /** The first part of a streamed answer is there. @param elapsed since the request */
        void began(Duration elapsed);

        /** The same sink, which tells when the answer began. @param startedNanos when the request was made */
        default Gateway.Sink watching(Gateway.Sink sink, long startedNanos) {
            return new Gateway.Sink() {
                @Override
                public void begin(String endpoint, String model) {
                    began(Duration.ofNanos(System.nanoTime() - startedNanos));
                    sink.begin(endpoint, model);
                }

                @Override
                public void event(String data) {
                    sink.event(data);
                }
            };
        }

        /** @param response whole body; of a streamed answer what was put together of it */
        void answered(JsonNode response, Tokens tokens, long costMicros);

        /** @param errorType status that was answered, or the code of the problem; never a text of the endpoint's */
        void failed(String errorType);
    }

    ModelSpans OFF = new ModelSpans() {
        @Override
        public Exchange begin(Call call) {
            return new Passing(W3C.matcher(call.traceparent()).matches() ? call.traceparent() : "");
        }

        @Override
        public void close() {}
    };

    /** Version 00, which is all there is; ids of zeros are none. */
    Pattern W3C = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    Exchange begin(Call call);

    /** Sends what is left, for at most some seconds. */
    @Override
    void close();

    /**
     * @return {@link #OFF} without an endpoint
     * @throws dev.sluice.workflow.ProblemException SL1007 naming the setting
     */
    static ModelSpans of(TelemetrySettings settings) {
        String endpoint = settings.endpoint().map(String::strip).orElse("");
        if (endpoint.isEmpty()) return OFF;
        if (!endpoint.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?")) {
            throw wrong("endpoint", "must be an http or https URL, such as http://collector:4318");
        }
        if (!(settings.sample() >= 0 && settings.sample() <= 1)) throw wrong("sample", "must be between 0 and 1");
        return OtlpSpans.to(endpoint.replaceAll("/+$", ""), settings);
    }

    /** With a tracer of somebody else's. */
    static ModelSpans of(Tracer tracer, boolean content) {
        return new OtlpSpans(tracer, content, () -> {});
    }

    private static RuntimeException wrong(String member, String what) {
        return Problem.of(Code.SL1007, "sluice.inference.telemetry." + member + " " + what + ".")
                .asException();
    }

    /** Makes no span. */
    record Passing(String traceparent) implements Exchange {
        @Override
        public void began(Duration elapsed) {}

        @Override
        public void answered(JsonNode response, Tokens tokens, long costMicros) {}

        @Override
        public void failed(String errorType) {}
    }
}

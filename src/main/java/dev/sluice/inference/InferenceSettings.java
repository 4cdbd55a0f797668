package dev.sluice.inference;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Which models can be asked, and where. */
@ConfigMapping(prefix = "sluice.inference")
public interface InferenceSettings {
    /** Alias that is asked when a step names none: an endpoint's name, or the name of a model at an endpoint. */
    @WithDefault(Endpoints.OFFLINE)
    String model();

    /** By name. The endpoint {@code offline} is there without being configured. */
    Map<String, EndpointSettings> endpoints();

    /** One place where one model is served over the OpenAI chat-completions protocol. */
    interface EndpointSettings {
        /** Base URL, to which {@code /chat/completions} is appended; usually ends in {@code /v1}. */
        Optional<String> url();

        /** Sent as bearer token when present. Never logged and never part of a message. */
        Optional<String> key();

        /** The model's name at the endpoint. */
        Optional<String> model();

        /** US dollars per million input tokens. Has no default: an unknown price must not pass for free. */
        Optional<BigDecimal> inputPrice();

        /** US dollars per million output tokens. Has no default either. */
        Optional<BigDecimal> outputPrice();

        /** For the whole answer. Two minutes: a long answer of a large model takes about one. */
        @WithDefault("120s")
        Duration timeout();

        @WithDefault("5s")
        Duration connectTimeout();

        /** Requests in flight at a time. 16: the lowest tier of most managed endpoints bears about that many. */
        OptionalInt concurrency();

        /** Characters of the user message; what is longer loses its middle. 0: no bound of ours. */
        @WithDefault("0")
        int inputCharactersMax();

        /**
         * Bound on every string of the answer whose schema has none, for small models that find no end. 0: no bound of
         * ours.
         */
        @WithDefault("0")
        int stringCharactersMax();

        /** Left out of the request when absent, because some managed models refuse it. */
        Optional<BigDecimal> temperature();

        /** Member of the request that bounds the answer; older and local servers want {@code max_tokens}. */
        @WithDefault("max_completion_tokens")
        String outputLimitField();

        /** How the endpoint is told the schema. */
        @WithDefault("json-schema")
        AnswerFormat answerFormat();
    }

    /** How an endpoint is told what to answer with; the answer is validated here in every case. */
    enum AnswerFormat {
        /** {@code response_format} of type {@code json_schema}, strict: the endpoint enforces the schema. */
        JSON_SCHEMA,
        /** {@code response_format} of type {@code json_object}, with the schema in the system message. */
        JSON_OBJECT,
        /** No {@code response_format}, with the schema in the system message. */
        TEXT
    }
}

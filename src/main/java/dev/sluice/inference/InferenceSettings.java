package dev.sluice.inference;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Which models can be asked, where, in which order, and for how much. Money is in US dollars. */
@ConfigMapping(prefix = "sluice.inference")
public interface InferenceSettings {
    /** Alias that is asked when a step names none: a route, an endpoint's name, or the name of a model at one. */
    @WithDefault(Endpoints.OFFLINE)
    String model();

    /**
     * The {@code /openai/v1} of a process with the role {@code inference}, which is then asked for everything: for
     * functions without a Redis. Empty: this process calls endpoints itself.
     */
    Optional<String> url();

    /** By name. The endpoint {@code offline} is there without being configured. */
    Map<String, EndpointSettings> endpoints();

    /** By the name of a quota that endpoints share. */
    Map<String, QuotaSettings> quotas();

    /** By alias. */
    Map<String, RouteSettings> routes();

    /** Upper bounds of what may be spent; none by default. */
    BudgetSettings budgets();

    /** By name. */
    Map<String, TenantSettings> tenants();

    /** A JSON file with the prices of models, for endpoints that have none of their own, see {@link PriceTable}. */
    Optional<String> priceTable();

    /**
     * How long a call waits in memory for a place or its turn in a rate. Beyond it the step waits instead, by a durable
     * timer and without a worker. 5 s: less than what a timer, a queue and a new attempt are worth.
     */
    @WithDefault("5s")
    Duration patience();

    /**
     * Whether requests may name images at private, link-local and loopback addresses: a model server that is one's own
     * fetches them itself, from inside.
     */
    @WithDefault("refuse")
    PrivateImages privateImageUrls();

    /** One place where one model is served over the OpenAI protocol. */
    interface EndpointSettings {
        /** Base URL, to which {@code /chat/completions} is appended; usually ends in {@code /v1}. */
        Optional<String> url();

        /** Sent as bearer token when present. Never logged and never part of a message. */
        Optional<String> key();

        /** The model's name at the endpoint. */
        Optional<String> model();

        /** How it is paid: serverless by the token, dedicated by the hour. */
        @WithDefault("serverless")
        Kind kind();

        /** Per million input tokens. Without it the price table's; an unknown price must not pass for free. */
        Optional<BigDecimal> inputPrice();

        /** Per million output tokens; as {@link #inputPrice}. */
        Optional<BigDecimal> outputPrice();

        /** Per million input tokens that the endpoint read from its prompt cache; without it as {@link #inputPrice}. */
        Optional<BigDecimal> cachedInputPrice();

        /** Per hour, of a dedicated endpoint. A call's share is the time that it held one of the endpoint's places. */
        Optional<BigDecimal> hourPrice();

        /** What to do when nobody says what a token costs: {@code allow} counts it as free. */
        @WithDefault("refuse")
        UnknownPrice unknownPrice();

        /** Name of the quota that it shares with others: 429 from one leaves all of them alone. */
        Optional<String> quota();

        /** Over all processes. Of a dedicated endpoint: what it can take; what is more overflows to the next. */
        OptionalLong requestsPerMinute();

        /** Over all processes, input and output together. */
        OptionalLong tokensPerMinute();

        /** For the whole answer. Two minutes: a long answer of a large model takes about one. */
        @WithDefault("120s")
        Duration timeout();

        @WithDefault("5s")
        Duration connectTimeout();

        /** Until the first event of a streamed answer. 30 s: a serverless model may have to be loaded first. */
        @WithDefault("30s")
        Duration firstTokenTimeout();

        /** Requests in flight at a time. 16: the lowest tier of most managed endpoints bears about that many. */
        OptionalInt concurrency();

        /** Prompt and answer together; what is larger goes to another endpoint of the route. 0: not known. */
        @WithDefault("0")
        int contextTokens();

        /** Bound of the answer where the request has none. 4,096: what a budget has to set aside. */
        @WithDefault("4096")
        int outputTokensMax();

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

    /** A quota that several endpoints share, over all processes. */
    interface QuotaSettings {
        OptionalLong requestsPerMinute();

        OptionalLong tokensPerMinute();
    }

    /** The ordered choice of endpoints for an alias. */
    interface RouteSettings {
        /** Names of endpoints; the first is asked first, unless {@link #by} says otherwise. */
        List<String> endpoints();

        @WithDefault("order")
        By by();

        /** By endpoint, for {@link By#WEIGHT}; 1 where it has none. */
        Map<String, Integer> weights();

        /** After which kinds of error the next endpoint is asked. */
        @WithDefault("rate-limited,server-error,timeout,unreachable,key,context,filter")
        Set<Trouble> fallbackOn();

        /** A second endpoint is asked when the first takes longer than usual, for calls that allow it. */
        @WithDefault("false")
        boolean hedge();

        /** How long an answer serves the same request of the same tenant again. Empty: not at all. */
        Optional<Duration> cache();

        /** Alias that is asked when the answers of this one do not match their schema. */
        Optional<String> escalate();
    }

    /** US dollars; none by default. */
    interface BudgetSettings {
        Optional<BigDecimal> step();

        Optional<BigDecimal> run();

        Optional<BigDecimal> workflowDay();

        Optional<BigDecimal> tenantDay();

        Optional<BigDecimal> day();
    }

    interface TenantSettings {
        /** In place of {@link BudgetSettings#tenantDay}. */
        Optional<BigDecimal> budgetDay();
    }

    enum Kind {
        SERVERLESS,
        DEDICATED
    }

    enum PrivateImages {
        REFUSE,
        ALLOW
    }

    enum UnknownPrice {
        REFUSE,
        ALLOW
    }

    /** In which order the endpoints of a route are asked. */
    enum By {
        /** As they are listed. */
        ORDER,
        /** By lot, in proportion to their weights. */
        WEIGHT,
        /** The cheapest for this request first; a dedicated endpoint is paid anyway, so it comes first. */
        PRICE,
        /** The one that answered fastest lately first; one that was not asked yet before all. */
        LATENCY
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

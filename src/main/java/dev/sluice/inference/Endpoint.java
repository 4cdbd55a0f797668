package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.AnswerFormat;
import dev.sluice.inference.InferenceSettings.Kind;
import dev.sluice.queue.RateLimits.Rate;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * One configured endpoint, checked.
 *
 * @param quota that it shares; its own name when it shares none
 * @param places one for each request in flight of this process
 * @param url asked for at the first call, because the own port is not known before the server listens
 */
record Endpoint(
        String name,
        String model,
        Kind kind,
        String quota,
        Key key,
        Price price,
        String prices,
        Limits limits,
        Timeouts timeouts,
        Dialect dialect,
        Supplier<URI> url,
        Supplier<ModelClient> client,
        Semaphore places) {

    /**
     * @param rate of the endpoint, over all processes; zeroes: none
     * @param quotaRate of the quota that it shares
     * @param concurrency requests in flight of this process
     * @param contextTokens prompt and answer together; 0: not known
     * @param outputTokensMax of an answer whose request has no bound
     */
    record Limits(Rate rate, Rate quotaRate, int concurrency, int contextTokens, int outputTokensMax) {}

    /** @param total for the whole answer; @param firstToken of a streamed one */
    record Timeouts(Duration connect, Duration firstToken, Duration total) {}

    /** In which words the endpoint wants to be asked; see {@link InferenceSettings.EndpointSettings}. */
    record Dialect(
            int inputCharactersMax,
            int stringCharactersMax,
            Optional<BigDecimal> temperature,
            String outputLimitField,
            AnswerFormat answerFormat) {
        static final Dialect STANDARD =
                new Dialect(0, 0, Optional.empty(), "max_completion_tokens", AnswerFormat.JSON_SCHEMA);
    }

    boolean isDedicated() {
        return kind == Kind.DEDICATED;
    }

    /** For messages: {@code model "gpt-5.4-mini" at endpoint "managed"}. */
    String described() {
        return "model \"" + model + "\" at endpoint \"" + name + "\"";
    }

    /** For messages: the setting of this endpoint that a person may have to change. */
    String setting(String member) {
        return "sluice.inference.endpoints." + name + "." + member;
    }
}

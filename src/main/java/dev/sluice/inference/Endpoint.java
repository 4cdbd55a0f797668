package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.AnswerFormat;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * One configured endpoint, checked.
 *
 * @param client built at the first call, because the own port is not known before the server listens
 * @param places one for each request in flight
 */
record Endpoint(
        String name,
        String model,
        Key key,
        Price price,
        Duration timeout,
        int inputCharactersMax,
        int stringCharactersMax,
        Optional<BigDecimal> temperature,
        String outputLimitField,
        AnswerFormat answerFormat,
        Supplier<ChatCompletions> client,
        Semaphore places) {

    /** For messages: {@code model "gpt-5.4-mini" at endpoint "managed"}. */
    String described() {
        return "model \"" + model + "\" at endpoint \"" + name + "\"";
    }

    /** For messages: the setting of this endpoint that a person may have to change. */
    String setting(String member) {
        return "sluice.inference.endpoints." + name + "." + member;
    }
}

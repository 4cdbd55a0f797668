package dev.sluice.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Options.Filter;
import dev.sluice.simulator.Options.Wait;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer that is none. Nothing is billed for it.
 *
 * @param code null when there is none
 * @param rest zero when the caller is not told to
 */
record Refusal(int status, String type, String code, String message, Duration rest, Wait form) {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int FORMS = 4;

    static Refusal of(int status, String type, String code, String message) {
        return new Refusal(status, type, code, message, Duration.ZERO, Wait.NONE);
    }

    /** What befalls this arrival by its own nature or by chance; empty when it is answered. */
    static Optional<Refusal> of(Question question, Options options, Chance chance) {
        long tokens = question.inputTokens() + question.outputMax();
        if (options.contextTokens() > 0 && tokens > options.contextTokens()) {
            String message = "This model's maximum context length is " + options.contextTokens()
                    + " tokens. However, you" + " requested " + tokens
                    + " tokens. Please reduce the length of the messages or completion.";
            return Optional.of(of(400, "invalid_request_error", "context_length_exceeded", message));
        }
        if (chance.of("limit", options.limitRate())) {
            return Optional.of(limited(Duration.ofMillis(options.retryAfterTime()), options, chance));
        }
        if (chance.of("error", options.errorRate())) return Optional.of(failed(options, chance));
        if (chance.of("filter", options.filterRate()) && isBefore(options.filter(), chance)) {
            String message = "The response was filtered due to the prompt triggering the content management policy.";
            return Optional.of(of(400, "invalid_request_error", "content_filter", message));
        }
        return Optional.empty();
    }

    private static boolean isBefore(Filter filter, Chance chance) {
        return filter == Filter.BEFORE || filter == Filter.ANY && chance.pick("filter kind", 2) == 0;
    }

    static Refusal limited(Duration wait, Options options, Chance chance) {
        String message = "Rate limit reached for requests. Please try again later.";
        return new Refusal(429, "requests", "rate_limit_exceeded", message, wait, form(options, chance));
    }

    private static Refusal failed(Options options, Chance chance) {
        int status = options.errorStatus()
                .get(chance.pick("error kind", options.errorStatus().size()));
        String message = "The server had an error while processing your request (" + status + ").";
        if (status != 503) return of(status, "server_error", null, message);
        return new Refusal(
                503, "server_error", null, message, Duration.ofMillis(options.retryAfterTime()), form(options, chance));
    }

    private static Wait form(Options options, Chance chance) {
        return options.retryAfter() == Wait.ANY ? Wait.values()[chance.pick("wait", FORMS)] : options.retryAfter();
    }

    /** @param echo repeats the Authorization header */
    void answer(HttpServerRequest request, boolean echo, Instant now) {
        HttpServerResponse response = request.response().setStatusCode(status);
        response.putHeader("content-type", "application/json");
        if (!rest.isZero()) tell(response, now);
        String authorization = request.getHeader("authorization");
        if (echo && authorization != null) response.putHeader("x-echo", authorization);
        response.end(json(echo ? authorization : null).toString());
    }

    ObjectNode json(String echoed) {
        ObjectNode json = Question.JSON.createObjectNode();
        ObjectNode error = json.putObject("error");
        error.put("message", echoed == null ? message : message + " You sent Authorization: " + echoed);
        error.put("type", type).putNull("param").put("code", code);
        return json;
    }

    private void tell(HttpServerResponse response, Instant now) {
        // Whole seconds are rounded up: who comes as told does not come too early.
        long seconds = Math.ceilDiv(rest.toMillis(), 1_000L);
        switch (form) {
            case SECONDS -> response.putHeader("retry-after", Long.toString(seconds));
            case DATE -> response.putHeader("retry-after", HTTP_DATE.format(now.plusSeconds(seconds + 1)));
            case MILLIS -> response.putHeader("retry-after-ms", Long.toString(rest.toMillis()));
            case RESET ->
                response.putHeader("x-ratelimit-limit-requests", "60")
                        .putHeader("x-ratelimit-remaining-requests", "0")
                        .putHeader("x-ratelimit-reset-requests", inWords(rest));
            case NONE, ANY -> {}
        }
    }

    /** As Go writes it, which is what OpenAI sends: {@code 6m0s}, {@code 1.5s}, {@code 120ms}. */
    static String inWords(Duration wait) {
        if (wait.toMillis() < 1_000) return wait.toMillis() + "ms";
        String seconds = wait.toMillisPart() == 0
                ? wait.toSecondsPart() + "s"
                : String.format(Locale.ROOT, "%d.%03d", wait.toSecondsPart(), wait.toMillisPart())
                                .replaceAll("0+$", "") + "s";
        return wait.toMinutes() == 0 ? seconds : wait.toMinutes() + "m" + seconds;
    }
}

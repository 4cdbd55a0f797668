package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a step asks for.
 *
 * @param redirect whether redirects are followed, and statuses 300 to 399 are no errors
 * @param timeout for all of it
 */
record CallRequest(Outgoing request, Authentication authentication, Output output, boolean redirect, Duration timeout) {
    /** Ten minutes: as long as the dispatcher waits for an attempt by default. */
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private static final BigDecimal TIMEOUT_SECONDS_MAX = BigDecimal.valueOf(86_400);

    enum Output {
        CONTENT,
        RESPONSE,
        RAW
    }

    /** Reads the input of the function {@code http}. */
    static CallRequest read(StepInput input) {
        StepInput endpoint = input.object("endpoint");
        URI uri = Uris.web(endpoint.text("uri"));
        String query = Uris.query(CallBody.pairs(input.objectOrEmpty("query").object()));
        Outgoing bare = new Outgoing(
                input.text("method"),
                Uris.withQuery(uri, query),
                headers(input.objectOrEmpty("headers").object()),
                new byte[0]);
        return of(input, CallBody.add(bare, input.object().path("body")), authentication(endpoint));
    }

    /** @param input for its {@code output}, {@code redirect} and {@code timeout} */
    static CallRequest of(StepInput input, Outgoing request, Authentication authentication) {
        return new CallRequest(request, authentication, output(input), input.flag("redirect", false), timeout(input));
    }

    /**
     * Of {@code {"uri", "authentication"?}}. A user and password in the address are shown as such, unless there is an
     * authentication.
     */
    static Authentication authentication(StepInput endpoint) {
        Authentication given = Authentication.read(endpoint);
        String userInfo = Uris.parse(endpoint.text("uri")).getRawUserInfo();
        if (userInfo == null || given != Authentication.NONE) return given;
        String[] pair = userInfo.split(":", 2);
        return Authentication.basic(decoded(pair[0]), pair.length == 1 ? "" : decoded(pair[1]));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Map<String, List<String>> headers(JsonNode object) {
        var headers = new LinkedHashMap<String, List<String>>();
        object.properties().forEach(header -> {
            JsonNode value = header.getValue();
            if (value.isArray())
                headers.put(
                        header.getKey(), value.valueStream().map(CallBody::text).toList());
            else if (!value.isNull()) headers.put(header.getKey(), List.of(CallBody.text(value)));
        });
        return headers;
    }

    private static Output output(StepInput input) {
        String output = input.text("output", "content");
        return switch (output) {
            case "content" -> Output.CONTENT;
            case "response" -> Output.RESPONSE;
            case "raw" -> Output.RAW;
            default ->
                throw input.expected(
                        "output", "content, response or raw", input.object().path("output"));
        };
    }

    private static Duration timeout(StepInput input) {
        if (!input.has("timeout")) return TIMEOUT;
        JsonNode seconds = input.object().path("timeout");
        boolean fits = seconds.isNumber()
                && seconds.decimalValue().signum() > 0
                && seconds.decimalValue().compareTo(TIMEOUT_SECONDS_MAX) <= 0;
        if (!fits) throw input.expected("timeout", "a number of seconds above 0, at most 86400,", seconds);
        return Duration.ofMillis(
                Math.max(1, seconds.decimalValue().movePointRight(3).longValue()));
    }

    /** True for a method that changes something, and may do so twice when it is sent twice. */
    boolean isChange() {
        return List.of("POST", "PUT", "PATCH", "DELETE")
                .contains(request.method().toUpperCase(Locale.ROOT));
    }

    CallRequest with(Outgoing other) {
        return new CallRequest(other, authentication, output, redirect, timeout);
    }
}

package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a whole call: authentication, redirects, what a status means, and the output.
 *
 * <p>With {@code redirect: true}, a status of 301, 302, 303, 307 or 308 with a {@code Location} is followed, at most
 * {@value #REDIRECTS_MAX} times. 303 goes on as GET, and so does a POST after 301 and 302, as everywhere on the web;
 * any other request keeps its method and its body. What would show a credential to another origin (Authorization,
 * Cookie) is left out there, and https never goes on as http. A redirect that is not followed, for one of these reasons
 * or because there were too many, is a success with that status.
 */
@Singleton
class Caller {
    /** 64 MiB: an answer is held in memory, and a larger one does not fit into the answer of a function either. */
    static final int ANSWER_BYTES_MAX = 64 << 20;

    /** Base64 makes four characters of three bytes. */
    private static final int RAW_BYTES_MAX = ANSWER_BYTES_MAX / 4 * 3 - 1024;

    /** 10: browsers follow 20; more than a handful is a loop. */
    private static final int REDIRECTS_MAX = 10;

    private static final List<String> CREDENTIALS = List.of("Authorization", "Cookie", "Proxy-Authorization");

    private final Wire wire;
    private final Tokens tokens;
    private final Clock clock;
    private final SecureRandom chance = new SecureRandom();

    @Inject
    Caller(Wire wire, Tokens tokens, Clock clock) {
        this.wire = wire;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * @param extensions of the step's event: {@code idempotencykey} and {@code traceparent} are passed on as headers,
     *     the key with methods that change something, both unless the author wrote the header
     * @return the step's output
     * @throws ProblemException SL4015 to SL4017 or SL4008, with one of the DSL's error types
     */
    JsonNode call(CallRequest call, Map<String, String> extensions) {
        Outgoing request = call.request();
        String key = extensions.getOrDefault("idempotencykey", "");
        if (call.isChange() && !key.isEmpty()) request = request.withDefault("Idempotency-Key", key);
        String trace = extensions.getOrDefault("traceparent", "");
        if (!trace.isEmpty()) request = request.withDefault("traceparent", trace);
        Received answer = send(call.with(request), ANSWER_BYTES_MAX, Deadline.in(call.timeout()));
        JsonNode output =
                switch (call.output()) {
                    case CONTENT -> CallContent.content(answer);
                    case RESPONSE -> CallContent.response(answer);
                    case RAW -> CallContent.raw(answer);
                };
        JsonNode content = call.output() == CallRequest.Output.RESPONSE ? output.path("content") : output;
        if (answer.body().length > RAW_BYTES_MAX && content.isTextual()) {
            throw CallFailure.unusable(
                    request, "as text or base64 it would be larger than " + (ANSWER_BYTES_MAX >> 20) + " MiB", null);
        }
        return output;
    }

    /**
     * @return an answer that is no error
     * @throws ProblemException as {@link #call} does
     */
    Received send(CallRequest call, int bytesMax, Deadline deadline) {
        Authentication authentication = call.authentication();
        Received answer = authenticated(call.request(), authentication, bytesMax, deadline);
        for (int followed = 0; call.redirect() && followed < REDIRECTS_MAX; followed++) {
            Optional<Outgoing> next = next(answer);
            if (next.isEmpty()) break;
            if (!next.get().hasOriginOf(answer.request().uri())) authentication = Authentication.NONE;
            answer = authenticated(next.get(), authentication, bytesMax, deadline);
        }
        if (answer.isSuccess() || (call.redirect() && answer.isRedirect())) return answer;
        throw CallFailure.ofStatus(answer, clock);
    }

    private static Optional<Outgoing> next(Received answer) {
        if (!List.of(301, 302, 303, 307, 308).contains(answer.status())) return Optional.empty();
        Outgoing asked = answer.request();
        boolean asGet =
                answer.status() == 303 && !asked.isMethod("head") || answer.status() <= 302 && asked.isMethod("post");
        return target(asked.uri(), answer.header("Location"))
                .map(to -> (asGet ? asked.asGet() : asked).to(to))
                .map(next -> next.hasOriginOf(asked.uri()) ? next : next.without(CREDENTIALS));
    }

    /** Empty when the location is none that may be followed. */
    private static Optional<URI> target(URI from, String location) {
        if (location.isEmpty()) return Optional.empty();
        try {
            URI to = Uris.web(from.resolve(Uris.parse(location)).toString());
            boolean weaker =
                    from.getScheme().equalsIgnoreCase("https") && to.getScheme().equalsIgnoreCase("http");
            return weaker ? Optional.empty() : Optional.of(Uris.withQuery(to, ""));
        } catch (ProblemException notOfTheWeb) {
            return Optional.empty();
        }
    }

    private Received authenticated(Outgoing request, Authentication authentication, int bytesMax, Deadline deadline) {
        return switch (authentication) {
            case Authentication.None none -> wire.send(request, bytesMax, deadline);
            case Authentication.Fixed fixed ->
                wire.send(request.with("Authorization", fixed.authorization()), bytesMax, deadline);
            case Authentication.Digest digest -> {
                Received challenge = wire.send(request, bytesMax, deadline);
                if (challenge.status() != 401) yield challenge;
                List<String> challenges = challenge.headers().allValues("WWW-Authenticate");
                yield DigestAnswer.to(challenges, digest, request, cnonce())
                        .map(answer -> wire.send(request.with("Authorization", answer), bytesMax, deadline))
                        .orElse(challenge);
            }
            case Authentication.Token token -> {
                Tokens.Token first = tokens.of(token.policy(), deadline);
                Received answer = wire.send(bearer(request, first), bytesMax, deadline);
                if (answer.status() != 401) yield answer;
                tokens.refused(token.policy(), first.value());
                // A token that was just granted is refused for another reason than its age.
                if (first.fresh()) yield answer;
                yield wire.send(bearer(request, tokens.of(token.policy(), deadline)), bytesMax, deadline);
            }
        };
    }

    private static Outgoing bearer(Outgoing request, Tokens.Token token) {
        return request.with("Authorization", "Bearer " + token.value());
    }

    private String cnonce() {
        byte[] bytes = new byte[16];
        chance.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}

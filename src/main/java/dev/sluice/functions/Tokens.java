package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Access tokens, kept in memory until shortly before they expire. Those who need the same one at the same time wait for
 * one request.
 */
@Singleton
class Tokens {
    /** 1 MiB: a token has a few kilobytes, a discovery document a few dozen. */
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    /** 1,000: more policies than a process serves at a time; the one that was used longest ago is forgotten. */
    private static final int POLICIES_MAX = 1_000;

    /** For an endpoint that does not say how long its token is valid. */
    private static final Duration VALID_UNLESS_SAID = Duration.ofMinutes(1);

    /** A token that expires within 30 s might do so on its way. */
    private static final Duration MARGIN_MAX = Duration.ofSeconds(30);

    /** @param fresh true when it was fetched for the one who asked */
    record Token(String value, boolean fresh) {
        @Override
        public String toString() {
            return "***";
        }
    }

    /** @param until when it is used no more */
    private record Held(String token, Instant until) {
        static final Held NOTHING = new Held("", Instant.MIN);
    }

    /**
     * Of one policy.
     *
     * @param lock held while the token is fetched
     */
    private record Place(ReentrantLock lock, AtomicReference<Held> held) {
        Place() {
            this(new ReentrantLock(), new AtomicReference<>(Held.NOTHING));
        }
    }

    private final Wire wire;
    private final Clock clock;

    /** Guards {@code places}; held for look-ups only. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<String, Place> places = new LinkedHashMap<>(16, 0.75f, true);

    @Inject
    Tokens(Wire wire, Clock clock) {
        this.wire = wire;
        this.clock = clock;
    }

    /**
     * Blocks while it is fetched.
     *
     * @throws ProblemException SL4016, of type authentication, when the endpoint refuses; those of {@link Wire} and
     *     those of a status when it fails
     */
    Token of(TokenPolicy policy, Deadline deadline) {
        Place place = place(policy.key());
        enter(place, policy, deadline);
        try {
            Held held = place.held.get();
            if (clock.instant().isBefore(held.until())) return new Token(held.token(), false);
            JsonNode granted = fetch(policy, deadline);
            String token = granted.path("access_token").asText();
            place.held.set(new Held(token, clock.instant().plus(usable(granted))));
            return new Token(token, true);
        } finally {
            place.lock.unlock();
        }
    }

    /** Forgets that token, because a server did not take it; a newer one stays. */
    void refused(TokenPolicy policy, String token) {
        place(policy.key()).held.updateAndGet(held -> held.token().equals(token) ? Held.NOTHING : held);
    }

    private Place place(String key) {
        lock.lock();
        try {
            Place place = places.computeIfAbsent(key, k -> new Place());
            if (places.size() > POLICIES_MAX)
                places.remove(places.keySet().iterator().next());
            return place;
        } finally {
            lock.unlock();
        }
    }

    private static void enter(Place place, TokenPolicy policy, Deadline deadline) {
        Outgoing waitedFor = Outgoing.get(Uris.web(policy.address()));
        try {
            if (place.lock.tryLock(deadline.millisLeft(), TimeUnit.MILLISECONDS)) return;
            throw CallFailure.timedOut(waitedFor, deadline, null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CallFailure.aborted(waitedFor, e);
        }
    }

    private static Duration usable(JsonNode granted) {
        long seconds = Math.clamp(granted.path("expires_in").asLong(VALID_UNLESS_SAID.toSeconds()), 0, 86_400L * 365);
        Duration valid = Duration.ofSeconds(seconds);
        Duration tenth = valid.dividedBy(10);
        return valid.minus(tenth.compareTo(MARGIN_MAX) < 0 ? tenth : MARGIN_MAX);
    }

    private JsonNode fetch(TokenPolicy policy, Deadline deadline) {
        String endpoint = policy.discovered() ? discovered(policy, deadline) : policy.address();
        Outgoing request = TokenRequest.of(policy, Uris.web(endpoint), clock);
        Received answer = wire.send(request, ANSWER_BYTES_MAX, deadline);
        if (!answer.isSuccess()) throw refusal(answer);
        JsonNode granted = CallContent.json(answer);
        if (granted.path("access_token").asText().isBlank()) {
            throw CallFailure.unusable(request, "it has no access_token", null);
        }
        checkIssuer(policy, granted.path("access_token").asText(), request);
        return granted;
    }

    private String discovered(TokenPolicy policy, Deadline deadline) {
        Outgoing request = Outgoing.get(Uris.web(policy.address()));
        Received answer = wire.send(request, ANSWER_BYTES_MAX, deadline);
        if (!answer.isSuccess()) throw CallFailure.ofStatus(answer, clock);
        String endpoint = CallContent.json(answer).path("token_endpoint").asText();
        if (endpoint.isBlank()) throw CallFailure.unusable(request, "it names no token_endpoint", null);
        return endpoint;
    }

    /** Of the body only what RFC 6749, 5.2, puts there: anything else might repeat the client's secret. */
    private ProblemException refusal(Received answer) {
        boolean refused = answer.status() / 100 == 4 && answer.status() != 408 && answer.status() != 429;
        if (!refused) return CallFailure.ofStatus(answer, clock);
        JsonNode said = CallContent.tryJson(answer.body()).orElse(NullNode.instance);
        String why = (said.path("error").asText("") + " "
                        + said.path("error_description").asText(""))
                .strip();
        return CallFailure.noToken("the token endpoint "
                + Uris.shown(answer.request().uri()) + " answered with "
                + answer.status() + (why.isEmpty() ? "" : ": " + why.substring(0, Math.min(why.length(), 500)))
                + ". Check grant, client, secret and scopes of the authentication.");
    }

    private static void checkIssuer(TokenPolicy policy, String token, Outgoing request) {
        if (policy.issuers().isEmpty()) return;
        String issuer = issuer(token);
        if (policy.issuers().contains(issuer)) return;
        throw CallFailure.noToken("the token of " + Uris.shown(request.uri())
                + (issuer.isEmpty() ? " does not say who issued it" : " was issued by '" + issuer + "'")
                + "; the authentication allows " + String.join(", ", policy.issuers()) + " only.");
    }

    /** The claim {@code iss} of a JWT; "" for a token that is none. */
    private static String issuer(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) return "";
        try {
            byte[] claims = Base64.getUrlDecoder().decode(parts[1].getBytes(StandardCharsets.US_ASCII));
            Optional<JsonNode> json = CallContent.tryJson(claims);
            return json.map(tree -> tree.path("iss").asText("")).orElse("");
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }

    /** Tells secrets apart without keeping them: SHA-256, hexadecimal. */
    static String hash(String secret) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

package dev.sluice.functions;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Writes the request for an access token (RFC 6749; RFC 7523 for clients that show an assertion). */
final class TokenRequest {
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** One minute: the assertion is used at once, and clocks differ by seconds. */
    private static final Duration ASSERTION_DURATION = Duration.ofMinutes(1);

    private final TokenPolicy policy;
    private final URI endpoint;
    private final Clock clock;
    private final List<Map.Entry<String, String>> fields = new ArrayList<>();

    private TokenRequest(TokenPolicy policy, URI endpoint, Clock clock) {
        this.policy = policy;
        this.endpoint = endpoint;
        this.clock = clock;
    }

    static Outgoing of(TokenPolicy policy, URI endpoint, Clock clock) {
        return new TokenRequest(policy, endpoint, clock).build();
    }

    private Outgoing build() {
        StepInput input = policy.input();
        add("grant_type", policy.grant());
        List<String> scopes = input.texts("scopes");
        if (!scopes.isEmpty()) add("scope", String.join(" ", scopes));
        input.texts("audiences").forEach(audience -> add("audience", audience));
        if (policy.grant().equals("password")) {
            add("username", input.text("username"));
            add("password", input.text("password"));
        }
        if (policy.grant().equals(TokenPolicy.TOKEN_EXCHANGE)) {
            exchanged("subject", input.object("subject"));
            if (input.has("actor")) exchanged("actor", input.object("actor"));
        }
        String basic = authenticate(input.objectOrEmpty("client"));
        byte[] body = policy.json()
                ? json().toString().getBytes(StandardCharsets.UTF_8)
                : CallBody.form(fields).getBytes(StandardCharsets.UTF_8);
        Outgoing request = new Outgoing("post", endpoint, Map.of(), body)
                .with("Content-Type", policy.json() ? "application/json" : "application/x-www-form-urlencoded")
                .with("Accept", "application/json");
        return basic.isEmpty() ? request : request.with("Authorization", basic);
    }

    private void add(String name, String value) {
        fields.add(Map.entry(name, value));
    }

    private void exchanged(String role, StepInput token) {
        add(role + "_token", token.text("token"));
        add(role + "_token_type", token.text("type"));
    }

    /** @return value of the Authorization header, "" for none */
    private String authenticate(StepInput client) {
        switch (policy.authentication()) {
            case "client_secret_basic" -> {
                String pair = CallBody.formEncode(client.text("id")) + ":" + CallBody.formEncode(client.text("secret"));
                return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
            }
            case "client_secret_post" -> {
                add("client_id", client.text("id"));
                add("client_secret", client.text("secret"));
            }
            case "client_secret_jwt" -> asserted(client, signed(client.text("id"), client.text("secret")));
            case "private_key_jwt" -> asserted(client, client.text("assertion"));
            default -> {
                if (client.has("id")) add("client_id", client.text("id"));
            }
        }
        return "";
    }

    private void asserted(StepInput client, String assertion) {
        if (client.has("id")) add("client_id", client.text("id"));
        add("client_assertion_type", ASSERTION_TYPE);
        add("client_assertion", assertion);
    }

    /** A JWT by HMAC with SHA-256, as RFC 7523, section 3, has it. */
    private String signed(String client, String secret) {
        long now = clock.instant().getEpochSecond();
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("iss", client).put("sub", client).put("aud", endpoint.toString());
        claims.put("iat", now).put("exp", now + ASSERTION_DURATION.toSeconds());
        claims.put("jti", UUID.randomUUID().toString());
        String text = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encoded(claims.toString().getBytes(StandardCharsets.UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return text + "." + encoded(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A field that occurs twice becomes an array. */
    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, String> field : fields) {
            String name = field.getKey();
            if (!json.has(name)) json.put(name, field.getValue());
            else if (json.get(name) instanceof ArrayNode several) several.add(field.getValue());
            else
                json.set(
                        name,
                        JsonNodeFactory.instance.arrayNode().add(json.get(name)).add(field.getValue()));
        }
        return json;
    }
}

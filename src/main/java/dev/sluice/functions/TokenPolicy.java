package dev.sluice.functions;

import java.util.List;
import java.util.Set;

/**
 * Where and how an access token is asked for (RFC 6749, RFC 8693): the members of the DSL's {@code oauth2} and
 * {@code oidc} policies.
 *
 * @param input the policy as it was given; holds secrets
 * @param discovered true for {@code oidc}: the authority's discovery document names the token endpoint
 * @param authentication of the client, one of {@code client_secret_basic client_secret_post client_secret_jwt
 *     private_key_jwt none}
 * @param json true when the token is asked for by JSON instead of a form
 * @param issuers that a token may come from; empty for any
 */
record TokenPolicy(
        StepInput input,
        boolean discovered,
        String authority,
        String grant,
        String authentication,
        boolean json,
        List<String> issuers) {
    static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Set<String> GRANTS = Set.of("client_credentials", "password", TOKEN_EXCHANGE);
    private static final Set<String> AUTHENTICATIONS =
            Set.of("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none");

    /**
     * @throws dev.sluice.workflow.ProblemException SL4008, also for the grants that need a person
     *     ({@code authorization_code}) or a token for which the DSL has no member ({@code refresh_token})
     */
    static TokenPolicy read(StepInput input, boolean discovered) {
        StepInput client = input.objectOrEmpty("client");
        String encoding = input.objectOrEmpty("request").text("encoding", FORM);
        var policy = new TokenPolicy(
                input,
                discovered,
                input.text("authority").replaceAll("/+$", ""),
                input.text("grant"),
                client.text("authentication", "client_secret_post"),
                encoding.equals("application/json"),
                input.texts("issuers"));
        require(policy.json || encoding.equals(FORM), input, "request/encoding", encoding);
        require(GRANTS.contains(policy.grant), input, "grant", policy.grant);
        require(AUTHENTICATIONS.contains(policy.authentication), input, "client/authentication", policy.authentication);
        return policy;
    }

    private static void require(boolean supported, StepInput input, String member, String found) {
        if (supported) return;
        throw CallFailure.configuration("the function '" + input.function() + "' does not support '" + found + "' at "
                + input.pointer() + "/" + member + ". The grants that it knows are client_credentials, password and "
                + TOKEN_EXCHANGE + "; a token is asked for by a form or by JSON");
    }

    /** Of the token endpoint itself, or of the discovery document that names it. */
    String address() {
        if (discovered) return authority.endsWith(DISCOVERY) ? authority : authority + DISCOVERY;
        String path = input.objectOrEmpty("endpoints").text("token", "/oauth2/token");
        if (path.matches("https?://.*")) return path;
        return authority + (path.startsWith("/") ? "" : "/") + path;
    }

    /** Tells policies apart without keeping their secrets. */
    String key() {
        return Tokens.hash((discovered ? "oidc " : "oauth2 ") + input.object());
    }

    @Override
    public String toString() {
        return "TokenPolicy[" + authority + "]";
    }
}

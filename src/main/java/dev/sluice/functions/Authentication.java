package dev.sluice.functions;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * How a call shows who makes it: the DSL's authentication policies, with every reference and secret already in place.
 */
sealed interface Authentication {
    Authentication NONE = new None();

    record None() implements Authentication {}

    /** @param authorization whole value of the header */
    record Fixed(String authorization) implements Authentication {
        @Override
        public String toString() {
            return "***";
        }
    }

    record Digest(String username, String password) implements Authentication {
        @Override
        public String toString() {
            return "***";
        }
    }

    record Token(TokenPolicy policy) implements Authentication {}

    /**
     * The member {@code authentication} of the input: one of {@code basic}, {@code bearer}, {@code digest},
     * {@code oauth2} and {@code oidc}; missing or null means none.
     *
     * @throws dev.sluice.workflow.ProblemException SL4008 when it is anything else
     */
    static Authentication read(StepInput input) {
        if (!input.has("authentication")) return NONE;
        StepInput policy = input.object("authentication");
        List<String> kinds = List.of("basic", "bearer", "digest", "oauth2", "oidc").stream()
                .filter(policy::has)
                .toList();
        if (kinds.size() != 1 || policy.object().size() != 1) {
            throw CallFailure.configuration("the function '" + input.function() + "' expects one of basic, bearer,"
                    + " digest, oauth2 and oidc at " + policy.pointer() + " of its input");
        }
        StepInput of = policy.object(kinds.getFirst());
        return switch (kinds.getFirst()) {
            case "basic" -> basic(of.text("username"), of.text("password", ""));
            case "bearer" -> new Fixed("Bearer " + of.text("token"));
            case "digest" -> new Digest(of.text("username"), of.text("password", ""));
            default -> new Token(TokenPolicy.read(of, kinds.getFirst().equals("oidc")));
        };
    }

    static Authentication basic(String username, String password) {
        byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Fixed("Basic " + Base64.getEncoder().encodeToString(pair));
    }
}

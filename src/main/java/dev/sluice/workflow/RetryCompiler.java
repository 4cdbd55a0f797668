package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalInt;

/** Compiles {@code catch.retry}: a policy, or the name of one in {@code use.retries}. */
final class RetryCompiler {
    private final Parts parts;

    RetryCompiler(Parts parts) {
        this.parts = parts;
    }

    Optional<RetryRule> compile(JsonNode caught, String pointer) {
        JsonNode retry = caught.path("retry");
        if (retry.isMissingNode()) return Optional.empty();
        if (!retry.isTextual()) return Optional.of(rule(retry, pointer + "/retry"));
        String name = retry.textValue();
        return parts.used("retries", name, pointer + "/retry")
                .map(policy -> rule(policy, "/use/retries/" + Pointers.escape(name)));
    }

    private RetryRule rule(JsonNode policy, String pointer) {
        JsonNode limit = policy.path("limit");
        JsonNode attempt = limit.path("attempt");
        JsonNode jitter = policy.path("jitter");
        return new RetryRule(
                parts.expression(policy, "when", pointer),
                parts.expression(policy, "exceptWhen", pointer),
                parts.duration(policy, "delay", pointer),
                backoff(policy.path("backoff")),
                attempt.has("count") ? OptionalInt.of(attempt.get("count").asInt()) : OptionalInt.empty(),
                parts.duration(attempt, "duration", pointer + "/limit/attempt"),
                parts.duration(limit, "duration", pointer + "/limit"),
                parts.duration(jitter, "from", pointer + "/jitter"),
                parts.duration(jitter, "to", pointer + "/jitter"));
    }

    private static RetryRule.Backoff backoff(JsonNode backoff) {
        if (backoff.has("exponential")) return RetryRule.Backoff.EXPONENTIAL;
        return backoff.has("linear") ? RetryRule.Backoff.LINEAR : RetryRule.Backoff.CONSTANT;
    }
}

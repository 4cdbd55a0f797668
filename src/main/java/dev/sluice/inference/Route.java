package dev.sluice.inference;

import dev.sluice.inference.InferenceSettings.By;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an alias means: which endpoints are asked, in which order, and when another one is.
 *
 * @param endpoints at least one
 * @param weights by endpoint; 1 where it has none
 * @param fallbackOn after which kinds of error the next endpoint is asked
 * @param hedge a second endpoint may be asked when the first takes long
 * @param cache how long an answer serves the same request again; zero: not at all
 * @param escalate alias that is asked when answers do not match their schema; empty: none
 */
record Route(
        String alias,
        List<Endpoint> endpoints,
        By by,
        Map<String, Integer> weights,
        Set<Trouble> fallbackOn,
        boolean hedge,
        Duration cache,
        Optional<String> escalate) {

    /** An alias that names an endpoint, or a model at one. */
    static Route of(Endpoint endpoint) {
        return new Route(
                endpoint.name(),
                List.of(endpoint),
                By.ORDER,
                Map.of(),
                EnumSet.noneOf(Trouble.class),
                false,
                Duration.ZERO,
                Optional.empty());
    }

    int weight(Endpoint endpoint) {
        return weights.getOrDefault(endpoint.name(), 1);
    }
}

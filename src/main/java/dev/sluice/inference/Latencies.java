package dev.sluice.inference;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/** How long answers took lately, as this process has seen it: by endpoint, and by route. */
final class Latencies {
    /** 200 answers: the 95th percentile then rests on ten. */
    private static final int KEPT = 200;

    /** 20: of fewer, the 95th percentile is the slowest one, whatever that was. */
    private static final int FEWEST = 20;

    /** A fifth: an endpoint that became slow is told from a slow answer by the third. */
    private static final double WEIGHT = 0.2;

    private static final double PERCENTILE = 0.95;

    /** Of one route. */
    private static final class Recent {
        private final long[] millis = new long[KEPT];
        private int count;

        synchronized void add(long one) {
            millis[count++ % KEPT] = one;
        }

        synchronized Optional<Duration> p95() {
            if (count < FEWEST) return Optional.empty();
            long[] sorted = Arrays.copyOf(millis, Math.min(count, KEPT));
            Arrays.sort(sorted);
            return Optional.of(Duration.ofMillis(sorted[(int) (sorted.length * PERCENTILE)]));
        }
    }

    private final Map<String, Recent> byRoute = new ConcurrentHashMap<>();
    private final Map<String, Double> byEndpoint = new ConcurrentHashMap<>();

    void took(Route route, Endpoint endpoint, long millis) {
        byRoute.computeIfAbsent(route.alias(), alias -> new Recent()).add(millis);
        byEndpoint.merge(endpoint.name(), (double) millis, (known, now) -> known + WEIGHT * (now - known));
    }

    /**
     * It was given up after that long without an answer, such as one that a second one has overtaken. Without these,
     * the slowest would be missing, and of ever quicker answers ever more would be asked for twice.
     */
    void gaveUp(Route route, long millis) {
        p95(route)
                .filter(usual -> millis >= usual.toMillis())
                .ifPresent(usual -> byRoute.get(route.alias()).add(millis));
    }

    /** Milliseconds; empty when it has not answered yet. */
    OptionalDouble of(Endpoint endpoint) {
        Double known = byEndpoint.get(endpoint.name());
        return known == null ? OptionalDouble.empty() : OptionalDouble.of(known);
    }

    /** What 95 of 100 answers of the route stayed below; empty while too few came. */
    Optional<Duration> p95(Route route) {
        Recent recent = byRoute.get(route.alias());
        return recent == null ? Optional.empty() : recent.p95();
    }
}

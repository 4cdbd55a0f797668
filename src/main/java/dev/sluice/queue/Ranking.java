package dev.sluice.queue;

import dev.sluice.workflow.Priority;
import java.time.Duration;
import java.util.Map;

/**
 * Who goes first among the tasks that wait for one function.
 *
 * @param normalAfter a task of normal priority goes before one of high priority that came so much later
 * @param lowAfter the same for low priority: it bounds how long anybody is kept waiting by those of higher priority
 * @param weights of tenants, above 0: while two wait, one with 2 gets twice as many tasks as one with 1
 */
public record Ranking(Duration normalAfter, Duration lowAfter, Map<String, Double> weights) {
    public static final Ranking DEFAULT = new Ranking(Duration.ofSeconds(30), Duration.ofMinutes(5), Map.of());

    /** Of a tenant, 1 when nothing is said of it. */
    double weight(String tenant) {
        return weights.getOrDefault(tenant, 1.0);
    }

    Duration after(Priority priority) {
        return switch (priority) {
            case HIGH -> Duration.ZERO;
            case NORMAL -> normalAfter;
            case LOW -> lowAfter;
        };
    }
}

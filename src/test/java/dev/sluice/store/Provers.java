package dev.sluice.store;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;

/** The duties of the store, made by hand. */
public final class Provers {
    private Provers() {}

    /** @param repair {@code repair} or {@code report} */
    public static Invariant invariant(
            RealStore store, Definitions definitions, Clock clock, MeterRegistry metrics, String repair) {
        return new Invariant(
                store.redis.link,
                store.redis.partitions,
                store.runs,
                definitions,
                store.starter(clock),
                store.events,
                store.redis.inbox,
                store.outbox,
                clock,
                metrics,
                repair,
                300);
    }

    /** Keeps what succeeded for 30 days, what failed for 90, and what was cancelled for 10. */
    public static Retention retention(RealStore store, Definitions definitions, Clock clock, MeterRegistry metrics) {
        return new Retention(
                store.redis.link,
                store.redis.partitions,
                definitions,
                clock,
                metrics,
                Duration.ofDays(30),
                Duration.ofDays(90),
                Duration.ofDays(10));
    }
}

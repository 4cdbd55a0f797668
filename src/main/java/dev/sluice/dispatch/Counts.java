package dev.sluice.dispatch;

import dev.sluice.workflow.Event;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;

/** What the dispatcher tells Prometheus. */
@ApplicationScoped
class Counts {
    private final MeterRegistry metrics;
    private final Counter duplicates;
    private final Counter reclaimed;

    Counts(MeterRegistry metrics) {
        this.metrics = metrics;
        this.duplicates = Counter.builder("sluice.results.duplicate")
                .description("Results that came after the first one and changed nothing")
                .register(metrics);
        this.reclaimed = Counter.builder("sluice.tasks.reclaimed")
                .description("Tasks taken over from a dispatcher that was lost")
                .register(metrics);
    }

    void attempt(String function, Event result, Instant startedAt) {
        Timer.builder("sluice.attempt.duration")
                .description("From sending a request to a function to its result being stored")
                .tag("function", function)
                .tag("outcome", result instanceof Event.StepSucceeded ? "succeeded" : "failed")
                .register(metrics)
                .record(Duration.between(startedAt, result.at()));
    }

    void duplicate() {
        duplicates.increment();
    }

    void reclaimed() {
        reclaimed.increment();
    }

    /** Requests to {@code function} in flight. */
    void gauge(String function, Lane lane) {
        metrics.gauge(
                "sluice.attempts.in.flight",
                io.micrometer.core.instrument.Tags.of("function", function),
                lane,
                Lane::inFlight);
    }
}

package dev.sluice.dispatch;

import dev.sluice.workflow.Event;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the dispatcher tells Prometheus. */
@ApplicationScoped
class Counts {
    private record Attempt(String function, String outcome) {}

    private final MeterRegistry metrics;
    /** To look a timer up in the registry takes longer than to record what it is for. */
    private final Map<Attempt, Timer> attempts = new ConcurrentHashMap<>();

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

    /** @param result empty when the attempt was given up, because nobody waited for it any more */
    void attempt(String function, Optional<Event> result, Instant startedAt, Instant endedAt) {
        var attempt = new Attempt(function, result.map(Counts::outcome).orElse("aborted"));
        attempts.computeIfAbsent(attempt, this::timer).record(Duration.between(startedAt, endedAt));
    }

    private Timer timer(Attempt attempt) {
        return Timer.builder("sluice.attempt.duration")
                .description("From sending a request to a function to its answer, or to giving it up")
                .tag("function", attempt.function())
                .tag("outcome", attempt.outcome())
                .register(metrics);
    }

    private static String outcome(Event result) {
        if (result instanceof Event.StepDeferred) return "deferred";
        return result instanceof Event.StepSucceeded ? "succeeded" : "failed";
    }

    void toSink(String outcome) {
        Counter.builder("sluice.sink.events")
                .description("Events sent to the sink (sent), given up (refused), and tries that failed (failed)")
                .tag("outcome", outcome)
                .register(metrics)
                .increment();
    }

    void duplicate() {
        duplicates.increment();
    }

    void reclaimed() {
        reclaimed.increment();
    }

    /** Attempts of {@code function} in flight, and how many may be. */
    void gauge(String function, Lane lane) {
        metrics.gauge("sluice.attempts.in.flight", Tags.of("function", function), lane, Lane::inFlight);
        Gauge.builder("sluice.window.size", lane.window(), Window::size)
                .description("Attempts that may be in flight from this dispatcher; 0: the function is left alone")
                .tag("function", function)
                .register(metrics);
    }
}

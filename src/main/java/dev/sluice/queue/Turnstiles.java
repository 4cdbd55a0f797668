package dev.sluice.queue;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;

/** Makes the turnstile of a dispatcher. */
@ApplicationScoped
public class Turnstiles {
    private final Limits limits;
    private final RateLimits rates;
    private final TaskLimits terms;
    private final TaskQueue tasks;

    Turnstiles(Limits limits, RateLimits rates, TaskLimits terms, TaskQueue tasks) {
        this.limits = limits;
        this.rates = rates;
        this.terms = terms;
        this.tasks = tasks;
    }

    /** @param consumer as which the dispatcher takes tasks; @param lease of a permit that is not kept */
    public Turnstile of(String consumer, Duration lease, Clock clock) {
        return new Turnstile(limits, rates, terms, tasks, consumer, lease, clock);
    }
}

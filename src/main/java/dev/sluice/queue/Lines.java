package dev.sluice.queue;

import dev.sluice.workflow.Service;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says which tasks wait for a limit or a rate. Changes nothing. */
@ApplicationScoped
public class Lines {
    private final Limits limits;
    private final RateLimits rates;
    private final TaskLimits terms;

    Lines(Limits limits, RateLimits rates, TaskLimits terms) {
        this.limits = limits;
        this.rates = rates;
        this.terms = terms;
    }

    /**
     * What a task waits for.
     *
     * @param limit its key, as in {@link Limits}; @param held permits that are given out; @param max of them
     * @param at when it may begin; empty when it waits for a permit
     */
    public record Wait(String limit, long held, long max, Optional<Instant> at) {}

    /**
     * @param places of tasks, by any name
     * @param own limits of their run
     * @return those that wait for a limit or a rate, by the same name
     */
    public Map<String, Wait> of(Map<String, Place> places, List<Service.Limit> own) {
        var asked = new ArrayList<Map.Entry<String, String>>();
        var names = new ArrayList<String>();
        var waits = new LinkedHashMap<String, Wait>();
        places.forEach((name, place) -> {
            for (Service.Limit limit : terms.of(place, own)) {
                asked.add(Map.entry(limit.key(), place.name()));
                names.add(name);
            }
            String function = place.lane().function();
            if (terms.rateOf(function) != null) {
                rates.bookedAt(TaskLimits.ofFunction(function), place.name())
                        .ifPresent(at ->
                                waits.put(name, new Wait(TaskLimits.ofFunction(function), 0, 0, Optional.of(at))));
            }
        });
        if (asked.isEmpty()) return waits;
        List<Boolean> inLine = limits.inLine(asked);
        for (int i = 0; i < asked.size(); i++) {
            if (!inLine.get(i)) continue;
            Limits.Fill fill = limits.fill(asked.get(i).getKey());
            waits.put(names.get(i), new Wait(asked.get(i).getKey(), fill.held(), fill.max(), Optional.empty()));
        }
        return waits;
    }
}

package dev.sluice.inference;

import dev.sluice.queue.RateLimits;
import dev.sluice.queue.RateLimits.Rate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Before an endpoint: lets a request through when the endpoint is well, has a place and has room in its rate and in
 * that of its quota; else says when to ask again. Never waits.
 */
final class Gate {
    private static final Logger LOG = Logger.getLogger(Gate.class);

    /** 1 s: when a place comes free nobody can say; half of what an answer takes is a guess, and this the least. */
    private static final Duration PLACE_MIN = Duration.ofSeconds(1);

    private static final Duration PLACE_MAX = Duration.ofSeconds(30);

    private static final Duration PROBE = Duration.ofSeconds(1);

    private final Health health;
    private final Optional<RateLimits> rates;
    private final Latencies latencies;
    private final Clock clock;

    /** @param rates empty: a process without Redis, in which none are configured */
    Gate(Health health, Optional<RateLimits> rates, Latencies latencies, Clock clock) {
        this.health = health;
        this.rates = rates;
        this.latencies = latencies;
        this.clock = clock;
    }

    /** What a request got at the gate. */
    sealed interface Entry {}

    /** It may begin, and is to be told {@link #leave}. */
    record Through(Endpoint endpoint, List<RateLimits.Reservation> turns) implements Entry {}

    /** @param crowded a place may come free at any moment; else not before {@code pause} */
    record Wait(Duration pause, String why, boolean crowded) implements Entry {}

    /** @param tokens that the request will likely take, input and output */
    Entry enter(Endpoint endpoint, long tokens) {
        Optional<Instant> closed = health.closedUntil(endpoint.name(), endpoint.quota());
        if (closed.isPresent()) {
            Duration wait = Duration.between(clock.instant(), closed.get());
            return new Wait(atLeast(wait, Duration.ofMillis(1)), "it failed, or asked to be left alone", false);
        }
        if (!endpoint.places().tryAcquire()) return new Wait(placeIn(endpoint), "all its places are taken", true);
        var turns = new ArrayList<RateLimits.Reservation>(2);
        boolean through = false;
        try {
            Duration wait = turn(endpoint, tokens, turns);
            if (wait.isPositive()) return new Wait(wait, "its rate is used up", false);
            if (!health.enter(endpoint.name())) return new Wait(PROBE, "somebody else tries whether it is well", false);
            through = true;
            return new Through(endpoint, turns);
        } finally {
            if (!through) giveBack(endpoint, turns, 0, 0);
        }
    }

    private Duration turn(Endpoint endpoint, long tokens, List<RateLimits.Reservation> turns) {
        Duration wait = turn("endpoint:" + endpoint.name(), endpoint.limits().rate(), tokens, turns);
        return wait.isPositive()
                ? wait
                : turn("quota:" + endpoint.quota(), endpoint.limits().quotaRate(), tokens, turns);
    }

    private Duration turn(String name, Rate rate, long tokens, List<RateLimits.Reservation> turns) {
        if (rates.isEmpty() || rate.requestsPerMinute() == 0 && rate.tokensPerMinute() == 0) return Duration.ZERO;
        var reservation = rates.get().reserve(name, rate, 1, tokens);
        if (!reservation.isGranted()) return atLeast(reservation.delay(), Duration.ofMillis(1));
        turns.add(reservation);
        return Duration.ZERO;
    }

    /** @param tokens that were used; a request that never reached the endpoint used none */
    void leave(Through entry, boolean reached, long tokens) {
        giveBack(entry.endpoint(), entry.turns(), reached ? 1 : 0, tokens);
    }

    private void giveBack(Endpoint endpoint, List<RateLimits.Reservation> turns, int requests, long tokens) {
        endpoint.places().release();
        for (var turn : turns) rates.ifPresent(r -> settle(r, turn, requests, tokens));
    }

    /** What cannot be given back is free again in a minute; an answer that is paid must not fail by it. */
    private static void settle(RateLimits rates, RateLimits.Reservation turn, int requests, long tokens) {
        try {
            rates.settle(turn, requests, tokens);
        } catch (RuntimeException e) {
            LOG.warnf("the use of rate %s could not be written down: %s", turn.name(), e.getMessage());
        }
    }

    private Duration placeIn(Endpoint endpoint) {
        Duration half = Duration.ofMillis((long) latencies.of(endpoint).orElse(0) / 2);
        Duration least = atLeast(half, PLACE_MIN);
        return least.compareTo(PLACE_MAX) > 0 ? PLACE_MAX : least;
    }

    private static Duration atLeast(Duration duration, Duration least) {
        return duration.compareTo(least) < 0 ? least : duration;
    }
}

package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * At most so many requests and tokens a minute, by name, over all processes. Strict: no minute, wherever it begins, has
 * more than the rate. (A bucket that fills while nobody asks would let twice the rate through in the minute after a
 * rest, which who counts by the minute answers with 429.) Time is counted in slots of a second: what was reserved is
 * free again 60 to 61 s later, so that a rate is used to 98 % when there is always somebody who wants it. All amounts
 * are whole numbers; nothing is rounded.
 */
@ApplicationScoped
public class RateLimits {
    private static final Duration SLOT = Duration.ofSeconds(1);

    private static final int SLOTS = 60;

    private final RedisLink redis;
    private final Optional<Clock> clock;

    @Inject
    RateLimits(RedisLink redis) {
        this(redis, Optional.empty());
    }

    /** @param clock instead of the one of Redis */
    RateLimits(RedisLink redis, Optional<Clock> clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /** What a minute may have; zero: any number. */
    public record Rate(long requestsPerMinute, long tokensPerMinute) {
        /** More than a minute's worth at once would never get its turn: it takes the whole minute instead. */
        private static long within(long amount, long rate) {
            return rate > 0 ? Math.min(amount, rate) : amount;
        }
    }

    /**
     * What is asked for.
     *
     * @param tokens an estimate, corrected by {@link #settle}
     * @param holder who may book ahead; whoever comes later under the same name uses that booking. Empty: nobody
     */
    public record Amount(long requests, long tokens, String holder) {
        public static Amount of(long requests, long tokens) {
            return new Amount(requests, tokens, "");
        }
    }

    /**
     * The answer to an {@link Amount}.
     *
     * @param slot of time from which it counts; negative when nothing was reserved
     * @param requests that were reserved, at most a minute's worth; @param tokens the same
     * @param delay zero: it may begin now. Else until the slot begins, or until it makes sense to ask again
     */
    public record Reservation(String name, long slot, long requests, long tokens, Duration delay) {
        public boolean isGranted() {
            return slot >= 0 && delay.isZero();
        }

        /** It may begin when it has waited, and asks then under the same name. */
        public boolean isBooked() {
            return slot >= 0 && !delay.isZero();
        }
    }

    /** When the holder may begin; empty when it has booked nothing. */
    public Optional<Instant> bookedAt(String name, String holder) {
        return Optional.ofNullable(redis.send(Command.ZSCORE, LimitKeys.booked(name), holder))
                .map(slot -> Instant.ofEpochMilli(slot.toLong() * SLOT.toMillis()));
    }

    /** Reserves now, or not at all. */
    public Reservation reserve(String name, Rate rate, long requests, long tokens) {
        return reserve(name, rate, List.of(Amount.of(requests, tokens)), Duration.ZERO)
                .getFirst();
    }

    /**
     * Reserves for each, in their order, the first time that has room for it.
     *
     * @param ahead how far from now that time may be; beyond it nothing is reserved
     */
    public List<Reservation> reserve(String name, Rate rate, List<Amount> amounts, Duration ahead) {
        var args = new ArrayList<>(List.of(
                clock.map(c -> String.valueOf(c.millis())).orElse(""),
                String.valueOf(SLOT.toMillis()),
                String.valueOf(SLOTS),
                String.valueOf(ahead.dividedBy(SLOT)),
                String.valueOf(rate.requestsPerMinute()),
                String.valueOf(rate.tokensPerMinute())));
        var bounded = amounts.stream().map(amount -> bounded(amount, rate)).toList();
        for (Amount amount : bounded) {
            args.add(String.valueOf(amount.requests()));
            args.add(String.valueOf(amount.tokens()));
            args.add(amount.holder());
        }
        Response reply = redis.run(Script.RESERVE, List.of(LimitKeys.used(name), LimitKeys.booked(name)), args);
        var reservations = new ArrayList<Reservation>(amounts.size());
        for (Amount amount : bounded) {
            int at = reservations.size() * 2;
            Duration delay = Duration.ofMillis(reply.get(at + 1).toLong());
            reservations.add(new Reservation(name, reply.get(at).toLong(), amount.requests(), amount.tokens(), delay));
        }
        return reservations;
    }

    private static Amount bounded(Amount amount, Rate rate) {
        return new Amount(
                Rate.within(amount.requests(), rate.requestsPerMinute()),
                Rate.within(amount.tokens(), rate.tokensPerMinute()),
                amount.holder());
    }

    /**
     * Says what was used: what was reserved beyond it is free again at once, what was used beyond the reservation
     * counts from now on. Nothing happens when the minute is over.
     */
    public void settle(Reservation reservation, long requests, long tokens) {
        if (reservation.slot() < 0) return;
        redis.run(
                Script.REFUND,
                List.of(LimitKeys.used(reservation.name())),
                List.of(
                        String.valueOf(reservation.slot()),
                        String.valueOf(requests - reservation.requests()),
                        String.valueOf(tokens - reservation.tokens())));
    }
}

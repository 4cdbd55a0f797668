package dev.sluice.inference;

import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Bound;
import dev.sluice.inference.Books.Reservation;
import dev.sluice.queue.Keys;
import dev.sluice.queue.RealRedis;
import dev.sluice.queue.RedisLink;
import dev.sluice.store.HandClock;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Books on a real Redis with a clock that the test moves. */
final class BooksTool {
    static final Duration LEASE = Duration.ofMinutes(2);
    static final LocalDate DAY = LocalDate.of(2026, 1, 1);
    static final String RUN = RealRedis.P.tag() + "-00000000000000000000000001";
    static final String FORK = "default.test.1-00000000000000000000000002";
    static final String STEP = "/do/0/ask";
    static final Account ACCOUNT = new Account("acme", "default.invoices", RUN, STEP, 1, "", Map.of(), "");
    static final Account FORKED = new Account("acme", "default.invoices", FORK, STEP, 1, RUN, Map.of(), "");

    private int processes;
    final RealRedis redis = RealRedis.empty();
    final HandClock clock = new HandClock();
    final Ledger ledger = new Ledger(redis.link);
    final RedisBooks books = books(redis.link);

    BooksTool() {
        // The run exists: what it has of its own lives as long.
        redis.send(Command.HSET, Keys.run(RealRedis.P, RUN), "id", RUN);
    }

    /** Those of another process. */
    RedisBooks books(RedisLink link) {
        return new RedisBooks(link, clock, Optional.of(clock), new Random(processes++));
    }

    static Bound bound(Scope scope, long micros) {
        return new Bound(scope, micros);
    }

    Reservation reserve(String exchange, long micros, Bound... bounds) {
        return books.reserve(ACCOUNT, "c-1", exchange, List.of(bounds), micros, LEASE);
    }

    LedgerLine line(Reservation reservation, long cost) {
        return line(reservation, cost, 0, "answered");
    }

    LedgerLine line(Reservation reservation, long cost, long uncertain, String outcome) {
        return new LedgerLine(
                clock.instant(),
                reservation.call(),
                reservation.exchange(),
                "mini",
                "m-1",
                new Tokens(100, 40, 20),
                cost,
                uncertain,
                350,
                outcome,
                "asked",
                false,
                "settings");
    }

    Purchase purchase(String body, long cost) {
        return new Purchase("mini", "m-1", new Tokens(100, 40, 20), cost, 1, body, clock.instant());
    }

    List<String> outcomes(String run) {
        return ledger.lines(run, 0, 100).stream().map(Ledger.Entry::outcome).toList();
    }

    Map<String, String> journal(String run) {
        return redis.hash(Keys.journal(RealRedis.P, run));
    }
}

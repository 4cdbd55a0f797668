package dev.sluice.inference;

import dev.sluice.queue.RedisLink;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Books in Redis. What comes while a call to Redis is under way goes together with the next one: the busier the
 * process, the fewer round trips.
 */
@Singleton
@Typed(RedisBooks.class)
class RedisBooks implements Books {
    private static final Logger LOG = Logger.getLogger(RedisBooks.class);

    /** 100: a few ms of Redis at once. */
    private static final int SWEPT_TOGETHER = 100;

    /** 100 times that: what a whole cluster had under way when it was switched off is made good in one sweep. */
    private static final int SWEEP_ROUNDS_MAX = 100;

    private final Clock clock;
    private final RandomGenerator random;
    private final Journal journal;
    private final Spending spending;

    @Inject
    RedisBooks(RedisLink redis, Clock clock) {
        this(redis, clock, Optional.empty(), RandomGenerator.getDefault());
    }

    /** @param clock for days; @param leases instead of Redis' own clock; @param random for the names of owners */
    RedisBooks(RedisLink redis, Clock clock, Optional<Clock> leases, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
        this.journal = new Journal(redis, leases);
        this.spending = new Spending(redis, leases);
    }

    @Override
    public Opening open(Account account, String call, Duration lease) {
        if (call.isEmpty()) return new Opening.Mine("");
        return JournalPlace.of(account, call)
                .map(place -> journal.open(place, account, owner(), lease))
                .orElseGet(() -> new Opening.Mine(""));
    }

    /** 128 bits of chance. */
    private synchronized String owner() {
        return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    }

    /** The same owner may open a call again: its lease then begins anew. */
    @Override
    public boolean keep(Account account, String call, String owner, Duration lease) {
        if (owner.isEmpty()) return true;
        return JournalPlace.of(account, call)
                .map(place -> !(journal.open(place, account, owner, lease) instanceof Opening.Busy))
                .orElse(true);
    }

    @Override
    public void release(Account account, String call, String owner) {
        if (owner.isEmpty()) return;
        JournalPlace.of(account, call)
                .ifPresent(place -> journal.record(new Journal.Entry(place, "", owner, "", "", false)));
    }

    @Override
    public void forget(Account account, List<String> calls) {
        journal.forget(account, calls);
    }

    @Override
    public Reservation reserve(
            Account account, String call, String exchange, List<Bound> bounds, long micros, Duration lease) {
        Instant now = clock.instant();
        boolean isFree = micros == 0 && bounds.isEmpty();
        var wanted = new Reservation(
                account,
                call,
                exchange,
                micros,
                LocalDate.ofInstant(now, ZoneOffset.UTC),
                isFree ? Set.of() : Spending.scopes(account, bounds));
        if (isFree) return wanted;
        spending.reserve(wanted, bounds, lease).ifPresent(refusal -> {
            throw BudgetUsedUp.of(refusal, wanted, now).asException();
        });
        return wanted;
    }

    @Override
    public void settle(Reservation reservation, LedgerLine line, String owner, Optional<Purchase> purchase) {
        Account account = reservation.account();
        JournalPlace.of(account, reservation.call()).ifPresent(place -> {
            String answer = reservation.call().isEmpty() ? "" : Journal.answer(purchase);
            String text = place.partition().isPresent() ? LineCodec.text(account, line) : "";
            String given = purchase.isPresent() ? owner : "";
            journal.record(new Journal.Entry(place, answer, given, line.exchange(), text, false));
        });
        spending.charge(reservation, line);
    }

    @Override
    public void sweep() {
        for (int round = 0; round < SWEEP_ROUNDS_MAX; round++) {
            List<Reservation> lapsed = spending.lapsed(SWEPT_TOGETHER);
            int done = lapsed.isEmpty() ? 0 : makeGood(lapsed);
            if (done < SWEPT_TOGETHER) return;
        }
    }

    /** First the line, as with every exchange: who dies in between has only written what is still true. */
    private int makeGood(List<Reservation> lapsed) {
        var entries = new ArrayList<Journal.Entry>();
        var ofRuns = new ArrayList<Reservation>();
        var lines = new ArrayList<LedgerLine>();
        var charged = new ArrayList<Reservation>();
        for (Reservation each : lapsed) {
            Optional<JournalPlace> place = JournalPlace.of(each.account(), each.call())
                    .filter(p -> p.partition().isPresent());
            if (place.isEmpty()) {
                charged.add(each);
                lines.add(lost(each));
            } else {
                ofRuns.add(each);
                String text = LineCodec.text(each.account(), lost(each));
                entries.add(new Journal.Entry(place.get(), "", "", each.exchange(), text, true));
            }
        }
        List<Optional<String>> written = entries.isEmpty() ? List.of() : journal.record(entries);
        for (int i = 0; i < written.size(); i++) {
            if (written.get(i).isEmpty()) continue;
            charged.add(ofRuns.get(i));
            lines.add(LineCodec.line(LineCodec.entry(written.get(i).get())));
        }
        long lost = spending.chargeSome(charged, lines);
        if (lost > 0) LOG.warnf("%d micro-dollars may have been paid by processes that died, and count as spent", lost);
        return charged.size();
    }

    private LedgerLine lost(Reservation reservation) {
        return new LedgerLine(
                clock.instant(),
                reservation.call(),
                reservation.exchange(),
                "",
                "",
                Tokens.NONE,
                0,
                reservation.micros(),
                0,
                Spending.LOST,
                "",
                false,
                "");
    }
}

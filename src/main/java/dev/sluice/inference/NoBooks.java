package dev.sluice.inference;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** For a process without Redis: nothing is journaled, there are no budgets, and nothing is written down. */
final class NoBooks implements Books {
    private final Clock clock;

    NoBooks(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Opening open(Account account, String call, Duration lease) {
        return new Opening.Mine("");
    }

    @Override
    public boolean keep(Account account, String call, String owner, Duration lease) {
        return true;
    }

    @Override
    public void release(Account account, String call, String owner) {
        // Nobody took it on.
    }

    @Override
    public void forget(Account account, List<String> calls) {
        // Nothing is known.
    }

    @Override
    public Reservation reserve(
            Account account, String call, String exchange, List<Bound> bounds, long micros, Duration lease) {
        if (!bounds.isEmpty() && micros > 0) {
            throw Problem.of(
                            Code.SL5007,
                            "the workflow has a budget, and this process has no Redis to keep it in: set"
                                    + " quarkus.redis.hosts, or sluice.inference.url to a process with the role"
                                    + " inference.")
                    .asException();
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return new Reservation(account, call, exchange, micros, today, Set.of());
    }

    @Override
    public void settle(Reservation reservation, LedgerLine line, String owner, Optional<Purchase> purchase) {
        // There is no ledger.
    }

    @Override
    public void sweep() {
        // Nothing was set aside.
    }
}

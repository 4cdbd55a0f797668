package dev.sluice.inference;

import dev.sluice.workflow.ProblemException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What must outlive a process about calls of models: the journal of answers, budgets and the ledger. Blocks; for
 * virtual threads. {@link RedisBooks} keeps them; {@link NoBooks} is for a process without Redis.
 */
interface Books {
    /** What the journal says about a call that is about to be made. */
    sealed interface Opening {
        /** It was bought before. */
        record Recorded(Purchase purchase) implements Opening {}

        /**
         * The caller is to buy it.
         *
         * @param owner to be shown to {@link Books#settle} or {@link Books#release}; "" where there is no journal
         * @param again what was bought before could not be used
         */
        record Mine(String owner, boolean again) implements Opening {
            Mine(String owner) {
                this(owner, false);
            }
        }

        /** Somebody else is buying it; whose lease ends in {@code left}, if nothing is heard before. */
        record Busy(Duration left) implements Opening {}
    }

    /** @param microsMax micro-dollars */
    record Bound(Account.Scope scope, long microsMax) {}

    /**
     * What was set aside for one exchange.
     *
     * @param exchange unique among all; names it
     * @param micros upper bound of what it may cost
     * @param day (UTC) to whose budgets and totals it counts
     * @param scopes in which it is set aside; empty: in none, since it costs nothing and no budget was asked for
     */
    record Reservation(
            Account account, String call, String exchange, long micros, LocalDate day, Set<Account.Scope> scopes) {
        public Reservation {
            scopes = Set.copyOf(scopes);
        }
    }

    /**
     * Asks whether the call has an answer, else takes it on for the caller. An account without a run and a call
     * {@code ""} have no journal: always {@link Opening.Mine}.
     *
     * @param call names the request within run and step: the same for every attempt
     * @param lease how long the caller has for it, before somebody else may buy it
     */
    Opening open(Account account, String call, Duration lease);

    /** Extends the lease of the call. @return false when it was lost meanwhile */
    boolean keep(Account account, String call, String owner, Duration lease);

    /** The caller gives the call up without an answer. Somebody else's is left alone. */
    void release(Account account, String call, String owner);

    /** The answers of these calls could not be used: the next attempt is to buy others. Their lines stay. */
    void forget(Account account, List<String> calls);

    /**
     * Sets aside {@code micros} in every budget that holds for the account, or in none. A reservation whose process
     * died counts as spent when its lease ends: it may have been paid.
     *
     * @param bounds each at most once a scope; those of a run or a step do not hold for an account that has none
     * @param micros zero, without bounds: nothing is set aside
     * @param lease longer than the exchange can take
     * @throws ProblemException SL5007 naming the budget and what is spent of it. Final, except when a day's budget is
     *     spent (retryable when the next day begins) or when what is set aside for others may come back (in seconds)
     */
    Reservation reserve(Account account, String call, String exchange, List<Bound> bounds, long micros, Duration lease);

    /**
     * Writes what came of an exchange, once: the answer into the journal and the line into the ledger in one step, then
     * what it cost into budgets and totals. A process that dies in between has it made good by {@link #sweep}.
     *
     * @param owner from {@link Opening.Mine}; "" when nothing was opened
     * @param purchase empty when there is no answer that could be used again
     */
    void settle(Reservation reservation, LedgerLine line, String owner, Optional<Purchase> purchase);

    /** Makes good what processes that died have left: exactly where their line was written, else as uncertain. */
    void sweep();
}

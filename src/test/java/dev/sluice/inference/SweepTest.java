package dev.sluice.inference;

import static dev.sluice.inference.BooksTool.ACCOUNT;
import static dev.sluice.inference.BooksTool.DAY;
import static dev.sluice.inference.BooksTool.LEASE;
import static dev.sluice.inference.BooksTool.RUN;
import static dev.sluice.inference.BooksTool.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Opening;
import dev.sluice.inference.Ledger.Row;
import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.MortalLink;
import dev.sluice.queue.RealRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What processes left that died or were slow is made good once. */
class SweepTest {
    private BooksTool tool = new BooksTool();

    private Map<String, String> run() {
        return tool.redis.hash(ModelKeys.budgets(RUN));
    }

    private Row only() {
        assertThat(tool.ledger.of(DAY).rows()).hasSize(1);
        return tool.ledger.of(DAY).rows().getFirst();
    }

    @Test
    void aReservationIsLeftAloneUntilItsLeaseEnds() {
        tool.reserve("x-1", 500, bound(Scope.RUN, 1_000));
        tool.clock.advance(LEASE.minusMillis(1));
        tool.books.sweep();
        assertThat(run()).containsExactlyEntriesOf(Map.of("r|run", "500"));
    }

    @Test
    void whatNobodyKnowsOfCountsAsSpentAndStandsInTheLedgerAsLost() {
        tool.reserve("x-1", 500, bound(Scope.RUN, 1_000));
        tool.clock.advance(LEASE);
        tool.books.sweep();
        tool.books.sweep();
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", "500"));
        assertThat(tool.ledger.lines(RUN, 0, 10)).singleElement().satisfies(line -> {
            assertThat(line.outcome()).isEqualTo("lost");
            assertThat(line.uncertainMicros()).isEqualTo(500);
            assertThat(line.costMicros()).isZero();
        });
        assertThat(only()).isEqualTo(new Row("acme", "default.invoices", "", "", 1, 0, 0, 0, 0, 500));
    }

    @Test
    void oneWithoutBudgetsAndRunIsNotForgottenEither() {
        var account = new Account("acme", "", "", "", 0, "", Map.of(), "");
        tool.books.reserve(account, "", "x-1", List.of(), 500, LEASE);
        tool.clock.advance(LEASE);
        tool.books.sweep();
        assertThat(only().uncertainMicros()).isEqualTo(500);
        assertThat(tool.redis.keys("*reserv*")).isEmpty();
    }

    @Test
    void whoWasOnlySlowSetsRightWhatWasWrittenForIt() {
        var slow = tool.reserve("x-1", 500, bound(Scope.RUN, 1_000));
        tool.clock.advance(LEASE);
        tool.books.sweep();
        for (int i = 0; i < 2; i++) {
            tool.books.settle(slow, tool.line(slow, 120), "", Optional.of(tool.purchase("{}", 120)));
        }
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", "120"));
        assertThat(tool.outcomes(RUN)).containsExactly("answered");
        assertThat(only()).isEqualTo(new Row("acme", "default.invoices", "mini", "m-1", 1, 100, 40, 20, 120, 0));
        assertThat(tool.books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
    }

    @Test
    void manyProcessesThatSweepAtOnceChargeEachOnce() {
        for (int i = 0; i < 250; i++) tool.reserve("x-" + i, 10, bound(Scope.RUN, 10_000));
        tool.clock.advance(LEASE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++)
                threads.execute(() -> tool.books(tool.redis.link).sweep());
        }
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", "2500"));
        assertThat(tool.ledger.lines(RUN, 0, 1_000)).hasSize(250);
        assertThat(only().calls()).isEqualTo(250);
    }

    /** One call from its opening to its end, by a process that is killed at a write, then by another. */
    private int live(int fatal, boolean afterwards) {
        tool = new BooksTool();
        RealRedis mortal = RealRedis.mortal(fatal, afterwards);
        try {
            buy(tool.books(mortal.link), "x-1");
        } catch (MortalLink.Killed e) {
            // Another goes on.
        }
        tool.clock.advance(LEASE);
        tool.books.sweep();
        Opening opening = tool.books.open(ACCOUNT, "c-1", LEASE);
        boolean wasRecorded = opening instanceof Opening.Recorded;
        if (opening instanceof Opening.Mine mine) buyAs(tool.books, "x-2", mine.owner());
        assertThat(tool.books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
        assertNothingLeaks(wasRecorded);
        return ((MortalLink) mortal.link).writes();
    }

    private void buy(RedisBooks books, String exchange) {
        buyAs(books, exchange, ((Opening.Mine) books.open(ACCOUNT, "c-1", LEASE)).owner());
    }

    private void buyAs(RedisBooks books, String exchange, String owner) {
        var reservation = books.reserve(ACCOUNT, "c-1", exchange, List.of(bound(Scope.RUN, 10_000)), 500, LEASE);
        books.settle(reservation, tool.line(reservation, 120), owner, Optional.of(tool.purchase("{}", 120)));
    }

    private void assertNothingLeaks(boolean wasRecorded) {
        var lines = tool.ledger.lines(RUN, 0, 10);
        long exact = lines.stream().mapToLong(Ledger.Entry::costMicros).sum();
        long uncertain = lines.stream().mapToLong(Ledger.Entry::uncertainMicros).sum();
        assertThat(exact).isEqualTo(120);
        // An answer that was recorded is known exactly; without one the money may be gone, or nothing was begun.
        assertThat(uncertain).isIn(wasRecorded ? List.of(0L) : List.of(0L, 500L));
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", String.valueOf(exact + uncertain)));
        assertThat(tool.redis.keys("*reserv*")).isEmpty();
        var rows = tool.ledger.of(DAY).rows();
        assertThat(rows.stream().mapToLong(Row::micros).sum()).isEqualTo(exact);
        assertThat(rows.stream().mapToLong(Row::uncertainMicros).sum()).isEqualTo(uncertain);
        assertThat(rows.stream().mapToLong(Row::calls).sum()).isEqualTo(lines.size());
    }

    @Test
    void aProcessKilledAtAnyOfItsWritesIsMadeGoodExactlyOrAsUncertain() {
        int writes = live(0, false);
        assertThat(writes).isEqualTo(4);
        for (int write = 1; write <= writes; write++) {
            for (boolean afterwards : new boolean[] {false, true}) live(write, afterwards);
        }
    }

    /** Two that were lost, one that was written and not charged: swept by one who is killed, and by others. */
    private int sweepAndDie(int fatal, boolean afterwards) {
        tool = new BooksTool();
        tool.reserve("x-1", 500, bound(Scope.RUN, 10_000));
        tool.reserve("x-2", 600, bound(Scope.RUN, 10_000));
        dieBeforeCharge(tool.reserve("x-3", 500, bound(Scope.RUN, 10_000)));
        tool.clock.advance(LEASE.plus(Duration.ofSeconds(1)));
        RealRedis mortal = RealRedis.mortal(fatal, afterwards);
        try {
            tool.books(mortal.link).sweep();
        } catch (MortalLink.Killed e) {
            // Another sweeps.
        }
        tool.books.sweep();
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", "1220"));
        assertThat(tool.outcomes(RUN)).containsExactlyInAnyOrder("lost", "lost", "answered");
        assertThat(tool.ledger.of(DAY).rows().stream()
                        .mapToLong(Row::uncertainMicros)
                        .sum())
                .isEqualTo(1_100);
        assertThat(tool.redis.keys("*reserv*")).isEmpty();
        return ((MortalLink) mortal.link).writes();
    }

    private void dieBeforeCharge(Books.Reservation reservation) {
        try {
            tool.books(RealRedis.mortal(1, true).link)
                    .settle(reservation, tool.line(reservation, 120), "", Optional.empty());
        } catch (MortalLink.Killed e) {
            // The line is written.
        }
    }

    @Test
    void aSweepKilledAtAnyOfItsWritesIsFinishedByTheNext() {
        int writes = sweepAndDie(0, false);
        assertThat(writes).isEqualTo(7);
        for (int write = 1; write <= writes; write++) {
            for (boolean afterwards : new boolean[] {false, true}) sweepAndDie(write, afterwards);
        }
    }
}

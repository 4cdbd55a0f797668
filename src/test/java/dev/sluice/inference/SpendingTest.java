package dev.sluice.inference;

import static dev.sluice.inference.BooksTool.ACCOUNT;
import static dev.sluice.inference.BooksTool.DAY;
import static dev.sluice.inference.BooksTool.LEASE;
import static dev.sluice.inference.BooksTool.RUN;
import static dev.sluice.inference.BooksTool.STEP;
import static dev.sluice.inference.BooksTool.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.inference.Account.Scope;
import dev.sluice.inference.Books.Bound;
import dev.sluice.inference.Books.Reservation;
import dev.sluice.inference.Ledger.Row;
import dev.sluice.queue.ModelKeys;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Budgets, totals and reservations that nobody ended. Keys before, call, keys after, on a real Redis. */
class SpendingTest {
    private final BooksTool tool = new BooksTool();
    private final RedisBooks books = tool.books;

    private void settle(Reservation reservation, long cost) {
        books.settle(reservation, tool.line(reservation, cost), "", Optional.empty());
    }

    private Problem refused(long micros, Bound... bounds) {
        return catchThrowableOfType(ProblemException.class, () -> tool.reserve("refused", micros, bounds))
                .problem();
    }

    private Map<String, String> day() {
        return tool.redis.hash(ModelKeys.budgets(DAY));
    }

    private Map<String, String> run() {
        return tool.redis.hash(ModelKeys.budgets(RUN));
    }

    @Test
    void moneyIsSetAsideInEveryBudgetAndWhatWasNotUsedComesBack() {
        var reservation = tool.reserve("x-1", 500, bound(Scope.RUN, 1_000), bound(Scope.STEP, 600));
        assertThat(day())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("r|day", "500", "r|tenant|acme", "500", "r|workflow|default.invoices", "500"));
        assertThat(run()).containsExactlyInAnyOrderEntriesOf(Map.of("r|run", "500", "r|step|" + STEP, "500"));
        assertThat(tool.redis.sorted(ModelKeys.reservations())).hasSize(2).contains("x-1");
        settle(reservation, 120);
        assertThat(day())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("s|day", "120", "s|tenant|acme", "120", "s|workflow|default.invoices", "120"));
        assertThat(run()).containsExactlyInAnyOrderEntriesOf(Map.of("s|run", "120", "s|step|" + STEP, "120"));
        assertThat(tool.redis.keys("*reserv*")).isEmpty();
        assertThat(tool.ledger.of(DAY).rows())
                .containsExactly(new Row("acme", "default.invoices", "mini", "m-1", 1, 100, 40, 20, 120, 0));
    }

    @Test
    void aBudgetThatRefusesLeavesNothingSetAsideInTheOthers() {
        tool.reserve("x-1", 500, bound(Scope.DAY, 900));
        var before = day();
        refused(500, bound(Scope.RUN, 10_000), bound(Scope.DAY, 900));
        assertThat(day()).isEqualTo(before);
        assertThat(run()).isEmpty();
        assertThat(tool.redis.hash(ModelKeys.reserved())).containsOnlyKeys("x-1");
    }

    @Test
    void aBudgetMayBeUsedToItsLastMicroDollar() {
        tool.reserve("x-1", 600, bound(Scope.RUN, 1_000));
        tool.reserve("x-2", 400, bound(Scope.RUN, 1_000));
        refused(1, bound(Scope.RUN, 1_000));
    }

    @Test
    void aRunOrStepThatHasSpentItsBudgetFailsForGood() {
        settle(tool.reserve("x-1", 500, bound(Scope.RUN, 600), bound(Scope.STEP, 550)), 500);
        Problem problem = refused(101, bound(Scope.RUN, 600));
        assertThat(problem.code()).isEqualTo("SL5007");
        assertThat(problem.status()).isEqualTo(402);
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.detail())
                .isEqualTo(
                        "The budget of run " + RUN + " is $0.000600: $0.000500 is spent, $0.000000 set aside for calls"
                                + " under way, and this call may cost $0.000101. Raise it.");
        assertThat(refused(51, bound(Scope.STEP, 550)).detail()).contains("step " + STEP + " of run " + RUN);
    }

    @Test
    void aBudgetOfTheDayBeginsAnewAtMidnight() {
        tool.clock.advance(Duration.ofHours(17));
        for (Scope scope : List.of(Scope.DAY, Scope.TENANT_DAY, Scope.WORKFLOW_DAY)) {
            settle(tool.reserve("x-" + scope, 500, bound(scope, 5_000)), 500);
            Problem problem = refused(1_000, bound(scope, 1_400));
            assertThat(problem.retryable()).isTrue();
            assertThat(problem.retryAfter()).isIn(Duration.ofHours(7), Duration.ofSeconds(5));
        }
        Problem spent = refused(1_000, bound(Scope.DAY, 1_400));
        assertThat(spent.retryAfter()).isEqualTo(Duration.ofHours(7));
        assertThat(spent.detail()).contains("the deployment for 2026-01-01").contains("2026-01-02T00:00:00Z");
        tool.clock.advance(Duration.ofHours(7));
        assertThat(tool.reserve("x-9", 1_400, bound(Scope.DAY, 1_400)).day()).isEqualTo(DAY.plusDays(1));
    }

    @Test
    void whatIsSetAsideForOthersMayComeBackInSeconds() {
        tool.reserve("x-1", 500, bound(Scope.RUN, 600));
        Problem problem = refused(500, bound(Scope.RUN, 600));
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aCallThatMayCostMoreThanTheWholeBudgetIsNotTriedAgain() {
        assertThat(refused(601, bound(Scope.DAY, 600)).retryable()).isFalse();
    }

    @Test
    void aBudgetThatIsSetAtNoonKnowsOfTheMorning() {
        settle(tool.reserve("x-1", 500), 500);
        refused(200, bound(Scope.TENANT_DAY, 600));
    }

    @Test
    void settlingAfterMidnightCountsToTheDayOfTheCall() {
        tool.clock.advance(Duration.ofDays(1).minusSeconds(1));
        var reservation = tool.reserve("x-1", 500, bound(Scope.DAY, 1_000));
        tool.clock.advance(Duration.ofSeconds(2));
        settle(reservation, 300);
        assertThat(day()).containsEntry("s|day", "300").doesNotContainKey("r|day");
        assertThat(tool.ledger.of(DAY.plusDays(1)).rows()).isEmpty();
    }

    @Test
    void aFreeCallWithoutBudgetsCostsRedisNothingBeforeItsAnswer() {
        var reservation = tool.reserve("x-1", 0);
        assertThat(tool.redis.keys("*spend*")).isEmpty();
        settle(reservation, 0);
        settle(reservation, 0);
        assertThat(tool.ledger.of(DAY).rows())
                .containsExactly(new Row("acme", "default.invoices", "mini", "m-1", 1, 100, 40, 20, 0, 0));
        assertThat(tool.redis.send(Command.PTTL, ModelKeys.mark("x-1")).toLong())
                .isPositive();
    }

    @Test
    void anAnswerThatWasThereBeforeIsALineAndNoCall() {
        for (long micros : new long[] {0, 500}) {
            var reservation = tool.reserve("x-" + micros, micros);
            var line = new LedgerLine(
                    tool.clock.instant(),
                    "c-1",
                    reservation.exchange(),
                    "mini",
                    "m-1",
                    Tokens.NONE,
                    0,
                    0,
                    0,
                    "journal",
                    "asked",
                    false,
                    "settings");
            books.settle(reservation, line, "", Optional.empty());
        }
        assertThat(tool.outcomes(RUN)).containsExactly("journal", "journal");
        assertThat(tool.ledger.of(DAY).rows()).isEmpty();
        assertThat(day()).isEmpty();
    }

    @Test
    void whatMayHaveBeenPaidCountsAsSpent() {
        var reservation = tool.reserve("x-1", 500, bound(Scope.RUN, 1_000));
        books.settle(reservation, tool.line(reservation, 100, 300, "SL5006"), "", Optional.empty());
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", "400"));
        assertThat(tool.ledger.of(DAY).rows().getFirst())
                .extracting(Row::micros, Row::uncertainMicros)
                .containsExactly(100L, 300L);
    }

    @Test
    void namesWithSeparatorsHaveRowsOfTheirOwn() {
        for (String tenant : List.of("a|b", "a")) {
            var account = new Account(tenant, tenant.equals("a") ? "b|w" : "w", "", "", 0, "", Map.of(), "");
            settle(books.reserve(account, "", "x-" + tenant, List.of(), 5, LEASE), 5);
        }
        assertThat(tool.ledger.of(DAY).rows())
                .extracting(Row::tenant, Row::workflow)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("a|b", "w"),
                        org.assertj.core.groups.Tuple.tuple("a", "b|w"));
    }

    @Test
    void aHundredCallersAtOnceOvershootABudgetByNothingAndLeaveNoneOfItUnused() {
        var processes = new ArrayList<RedisBooks>();
        for (int i = 0; i < 4; i++) processes.add(tool.books(tool.redis.link));
        var granted = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                int caller = i;
                threads.execute(() -> {
                    try {
                        processes
                                .get(caller % 4)
                                .reserve(
                                        ACCOUNT,
                                        "c-" + caller,
                                        "x-" + caller,
                                        List.of(bound(Scope.DAY, 1_000)),
                                        30,
                                        LEASE);
                        granted.incrementAndGet();
                    } catch (ProblemException e) {
                        assertThat(e.problem().code()).isEqualTo("SL5007");
                    }
                });
            }
        }
        assertThat(granted).hasValue(33);
        assertThat(day()).containsEntry("r|day", "990");
    }

    @Test
    void aHundredCallersWhoSettleSpendExactlyWhatTheyPaid() {
        var processes = List.of(books, tool.books(tool.redis.link));
        var spent = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                int caller = i;
                threads.execute(() -> {
                    var one = processes.get(caller % 2);
                    try {
                        var reservation = one.reserve(
                                ACCOUNT, "c-" + caller, "x-" + caller, List.of(bound(Scope.RUN, 1_000)), 30, LEASE);
                        one.settle(reservation, tool.line(reservation, caller % 30), "", Optional.empty());
                        spent.addAndGet(caller % 30);
                    } catch (ProblemException e) {
                        assertThat(e.problem().retryable() || spent.get() > 970).isTrue();
                    }
                });
            }
        }
        assertThat(spent.get()).isLessThanOrEqualTo(1_000);
        assertThat(run()).containsExactlyEntriesOf(Map.of("s|run", String.valueOf(spent.get())));
        assertThat(tool.ledger.lines(RUN, 0, 1_000).stream()
                        .mapToLong(Ledger.Entry::costMicros)
                        .sum())
                .isEqualTo(spent.get());
    }

    @Test
    void keysOfADayAndOfARunEndSomeTimeAfterTheirLastUse() {
        settle(tool.reserve("x-1", 500, bound(Scope.RUN, 1_000)), 500);
        var days = List.of(ModelKeys.budgets(DAY), ModelKeys.budgets(RUN), ModelKeys.totals(DAY)).stream()
                .map(key -> Duration.ofMillis(tool.redis.send(Command.PTTL, key).toLong()))
                .map(left -> left.plusMinutes(1).toDays())
                .toList();
        assertThat(days).containsExactly(40L, 40L, 400L);
    }
}

package dev.sluice.inference;

import static dev.sluice.inference.BooksTool.ACCOUNT;
import static dev.sluice.inference.BooksTool.FORKED;
import static dev.sluice.inference.BooksTool.LEASE;
import static dev.sluice.inference.BooksTool.RUN;
import static dev.sluice.inference.BooksTool.STEP;
import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.inference.Books.Opening;
import dev.sluice.queue.Keys;
import dev.sluice.queue.ModelKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Answers are bought once. Keys before, call, keys after, on a real Redis. */
class JournalTest {
    private static final String BODY = "{\"choices\":[{\"message\":{\"content\":\"žluť 🐎 \\\"x\\\"\"}}]}";
    private static final String ANSWER = "a|" + STEP + "|c-1";
    private static final String BUYER = "o|" + STEP + "|c-1";

    private final BooksTool tool = new BooksTool();
    private final RedisBooks books = tool.books;

    private String own(Account account, String call) {
        return ((Opening.Mine) books.open(account, call, LEASE)).owner();
    }

    private void buy(Account account, String call, String exchange, String owner, String body) {
        var reservation = books.reserve(account, call, exchange, List.of(), 50, LEASE);
        books.settle(reservation, tool.line(reservation, 30), owner, Optional.of(tool.purchase(body, 30)));
    }

    @Test
    void whoAsksFirstIsToBuyAndTheNextIsToldHowLongItMayTake() {
        String owner = own(ACCOUNT, "c-1");
        assertThat(tool.journal(RUN))
                .containsExactlyEntriesOf(Map.of(
                        BUYER, owner + " " + tool.clock.instant().plus(LEASE).toEpochMilli()));
        tool.clock.advance(Duration.ofSeconds(30));
        assertThat(tool.books(tool.redis.link).open(ACCOUNT, "c-1", LEASE))
                .isEqualTo(new Opening.Busy(LEASE.minusSeconds(30)));
        assertThat(books.open(ACCOUNT, "c-2", LEASE)).isInstanceOf(Opening.Mine.class);
    }

    @Test
    void anAnswerIsRecordedWithItsLineAndTheCallIsNobodysAnyMore() {
        var purchase = tool.purchase(BODY, 30);
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), BODY);
        assertThat(tool.journal(RUN)).containsOnlyKeys(ANSWER, "l|x-1").containsEntry("l|x-1", "0");
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isEqualTo(new Opening.Recorded(purchase));
        assertThat(tool.ledger.lines(RUN, 0, 10)).singleElement().satisfies(line -> {
            assertThat(LineCodec.text(ACCOUNT, LineCodec.line(line)))
                    .isEqualTo(tool.redis.list(Keys.ledger(P, RUN)).getFirst());
            assertThat(line.costMicros()).isEqualTo(30);
            assertThat(line.attempt()).isEqualTo(1);
        });
    }

    @Test
    void settlingTwiceChangesNothing() {
        String owner = own(ACCOUNT, "c-1");
        var reservation = tool.reserve("x-1", 50);
        books.settle(reservation, tool.line(reservation, 30), owner, Optional.of(tool.purchase(BODY, 30)));
        var before = tool.journal(RUN);
        books.settle(reservation, tool.line(reservation, 40), owner, Optional.of(tool.purchase("{}", 40)));
        assertThat(tool.journal(RUN)).isEqualTo(before);
        assertThat(tool.ledger.lines(RUN, 0, 10)).hasSize(1);
        assertThat(tool.ledger.of(BooksTool.DAY).rows())
                .singleElement()
                .extracting(Ledger.Row::calls, Ledger.Row::micros)
                .containsExactly(1L, 30L);
    }

    @Test
    void ofTwoAnswersOfOneCallTheFirstStands() {
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), "{\"n\":1}");
        buy(ACCOUNT, "c-1", "x-2", "", "{\"n\":2}");
        assertThat(((Opening.Recorded) books.open(ACCOUNT, "c-1", LEASE))
                        .purchase()
                        .body())
                .isEqualTo("{\"n\":1}");
        assertThat(tool.ledger.lines(RUN, 0, 10)).hasSize(2);
    }

    @Test
    void whoFoundNoAnswerAtOneEndpointKeepsTheCallForTheNext() {
        String owner = own(ACCOUNT, "c-1");
        var reservation = tool.reserve("x-1", 50);
        books.settle(reservation, tool.line(reservation, 0, 0, "SL5001"), owner, Optional.empty());
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Busy.class);
        assertThat(tool.outcomes(RUN)).containsExactly("SL5001");
        buy(ACCOUNT, "c-1", "x-2", owner, BODY);
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
    }

    @Test
    void aCallThatIsGivenUpIsTheNextOnesAndSomebodyElsesIsLeftAlone() {
        String owner = own(ACCOUNT, "c-1");
        books.release(ACCOUNT, "c-1", "somebody");
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Busy.class);
        books.release(ACCOUNT, "c-1", owner);
        assertThat(tool.journal(RUN)).isEmpty();
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Mine.class);
    }

    @Test
    void aLeaseThatEndsPassesOn() {
        String first = own(ACCOUNT, "c-1");
        tool.clock.advance(LEASE.minusMillis(1));
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isEqualTo(new Opening.Busy(Duration.ofMillis(1)));
        tool.clock.advance(Duration.ofMillis(1));
        String second = own(ACCOUNT, "c-1");
        assertThat(second).isNotEqualTo(first);
        // The first was only slow: it neither gives up what is the second's, nor is its answer lost.
        books.release(ACCOUNT, "c-1", first);
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Busy.class);
        buy(ACCOUNT, "c-1", "x-1", first, BODY);
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
    }

    @Test
    void anAnswerThatCouldNotBeUsedIsBoughtAnew() {
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), "{\"n\":1}");
        buy(ACCOUNT, "c-2", "x-2", own(ACCOUNT, "c-2"), "{\"n\":2}");
        books.forget(ACCOUNT, List.of("c-1", "c-9"));
        assertThat(books.open(ACCOUNT, "c-2", LEASE)).isInstanceOf(Opening.Recorded.class);
        buy(ACCOUNT, "c-1", "x-3", own(ACCOUNT, "c-1"), "{\"n\":3}");
        assertThat(((Opening.Recorded) books.open(ACCOUNT, "c-1", LEASE))
                        .purchase()
                        .body())
                .isEqualTo("{\"n\":3}");
        assertThat(tool.ledger.lines(RUN, 1, 1))
                .extracting(Ledger.Entry::exchange)
                .containsExactly("x-2");
        assertThat(tool.journal(RUN)).doesNotContainKey("a|" + STEP + "|c-9");
    }

    @Test
    void aForkedRunHasTheAnswersOfItsOriginAndKeepsThemAsItsOwn() {
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), BODY);
        assertThat(books.open(FORKED, "c-1", LEASE)).isEqualTo(new Opening.Recorded(tool.purchase(BODY, 30)));
        tool.redis.send(Command.DEL, Keys.journal(P, RUN));
        assertThat(books.open(FORKED, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
        assertThat(books.open(FORKED, "c-2", LEASE)).isInstanceOf(Opening.Mine.class);
        assertThat(tool.ledger.lines(FORKED.run(), 0, 10)).isEmpty();
    }

    @Test
    void aForkedRunThatCouldNotUseAnAnswerDoesNotFetchItFromItsOriginAgain() {
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), BODY);
        books.open(FORKED, "c-1", LEASE);
        books.forget(FORKED, List.of("c-1"));
        assertThat(books.open(FORKED, "c-1", LEASE)).isInstanceOf(Opening.Mine.class);
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Recorded.class);
    }

    @Test
    void aHugeAnswerIsPaidForAndNotKept() {
        String huge = "\"" + "x".repeat(Journal.BODY_BYTES_MAX) + "\"";
        buy(ACCOUNT, "c-1", "x-1", own(ACCOUNT, "c-1"), huge);
        assertThat(tool.outcomes(RUN)).containsExactly("answered");
        assertThat(books.open(ACCOUNT, "c-1", LEASE)).isInstanceOf(Opening.Mine.class);
        String large = "\"" + "x".repeat(Journal.BODY_BYTES_MAX - 2) + "\"";
        buy(ACCOUNT, "c-2", "x-2", own(ACCOUNT, "c-2"), large);
        assertThat(books.open(ACCOUNT, "c-2", LEASE)).isInstanceOf(Opening.Recorded.class);
    }

    @Test
    void theAnswerForAnIdempotencyKeyIsKeptForADayAndEachTenantHasItsOwn() {
        var tenant = new Account("acme", "", "", "", 0, "", Map.of(), "");
        buy(tenant, "client:k-1", "x-1", own(tenant, "client:k-1"), BODY);
        assertThat(books.open(tenant, "client:k-1", LEASE)).isInstanceOf(Opening.Recorded.class);
        String key = ModelKeys.journal("acme", "client:k-1");
        assertThat(tool.redis.hash(key)).containsOnlyKeys("a||client:k-1");
        assertThat(tool.redis.send(Command.PTTL, key).toLong()).isBetween(86_000_000L, 86_400_000L);
        assertThat(books.open(Account.NOBODY, "client:k-1", LEASE)).isInstanceOf(Opening.Mine.class);
        // Nor does anything else of a call without a run leave a trace.
        assertThat(books.open(tenant, "c-1", LEASE)).isEqualTo(new Opening.Mine(""));
        buy(tenant, "c-1", "x-2", "", BODY);
        assertThat(tool.redis.keys("*journal*")).hasSize(2);
        assertThat(tool.redis.keys("*ledger*")).isEmpty();
    }

    @Test
    void whatAnUnknownRunHasOfItsOwnIsForgotten() {
        String gone = P.tag() + "-0000000000000000000000gone";
        var account = new Account("acme", "w", gone, STEP, 1, "", Map.of(), "");
        buy(account, "c-1", "x-1", own(account, "c-1"), BODY);
        for (String key : List.of(Keys.journal(P, gone), Keys.ledger(P, gone))) {
            assertThat(tool.redis.send(Command.PTTL, key).toLong()).isPositive();
        }
        buy(ACCOUNT, "c-1", "x-2", own(ACCOUNT, "c-1"), BODY);
        for (String key : List.of(Keys.journal(P, RUN), Keys.ledger(P, RUN))) {
            assertThat(tool.redis.send(Command.PTTL, key).toLong()).isEqualTo(-1);
        }
    }

    @Test
    void namesWithSeparatorsAreNotMixedUp() {
        var one = new Account("acme", "w", RUN, "a|b", 1, "", Map.of(), "");
        var other = new Account("acme", "w", RUN, "a", 1, "", Map.of(), "");
        buy(one, "c", "x-1", own(one, "c"), BODY);
        assertThat(books.open(other, "b|c", LEASE)).isInstanceOf(Opening.Mine.class);
        assertThat(Names.split(Names.join("a|b", "", "%7C", "c"))).containsExactly("a|b", "", "%7C", "c");
    }

    @Test
    void aProcessWithoutRedisBuysEverything() {
        var none = new NoBooks(tool.clock);
        assertThat(none.open(ACCOUNT, "c-1", LEASE)).isEqualTo(new Opening.Mine(""));
        var reservation = none.reserve(ACCOUNT, "c-1", "x-1", List.of(), 5, LEASE);
        none.settle(reservation, tool.line(reservation, 5), "", Optional.of(tool.purchase(BODY, 5)));
        none.release(ACCOUNT, "c-1", "");
        none.forget(ACCOUNT, List.of("c-1"));
        none.sweep();
        assertThat(none.open(ACCOUNT, "c-1", LEASE)).isEqualTo(new Opening.Mine(""));
        assertThat(tool.redis.keys()).containsExactly(Keys.run(P, RUN));
    }
}

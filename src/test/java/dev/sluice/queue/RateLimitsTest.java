package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.RateLimits.Amount;
import dev.sluice.queue.RateLimits.Rate;
import dev.sluice.queue.RateLimits.Reservation;
import dev.sluice.store.HandClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final RealRedis redis = RealRedis.empty();
    private final HandClock clock = new HandClock();
    private final RateLimits rates = new RateLimits(redis.link, Optional.of(clock));

    private Reservation reserve(Rate rate, long requests, long tokens) {
        return rates.reserve("openai", rate, requests, tokens);
    }

    @Test
    void asManyRequestsAsTheRateBeginAtOnceAndTheNextIsToldHowLongToWait() {
        var rate = new Rate(3, 0);
        for (int i = 0; i < 3; i++) assertThat(reserve(rate, 1, 0).isGranted()).isTrue();
        var refused = reserve(rate, 1, 0);
        assertThat(refused.isGranted()).isFalse();
        assertThat(refused.isBooked()).isFalse();
        assertThat(refused.delay()).isEqualTo(Duration.ofSeconds(61));
    }

    @Test
    void whatWasUsedIsFreeAgainWhenItsSecondHasLeftTheMinuteAndNoSooner() {
        var rate = new Rate(0, 1_000);
        reserve(rate, 1, 600);
        clock.advance(Duration.ofSeconds(10));
        reserve(rate, 1, 400);
        clock.advance(Duration.ofSeconds(51).minusMillis(1));
        assertThat(reserve(rate, 1, 1).delay()).isEqualTo(Duration.ofMillis(1));
        clock.advance(Duration.ofMillis(1));
        assertThat(reserve(rate, 1, 601).isGranted()).isFalse();
        assertThat(reserve(rate, 1, 600).isGranted()).isTrue();
        assertThat(reserve(rate, 1, 1).delay()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void settlingGivesBackWhatWasNotUsedAndCountsWhatWasUsedBeyond() {
        var rate = new Rate(0, 1_000);
        var thrifty = reserve(rate, 1, 900);
        rates.settle(thrifty, 1, 300);
        var wasteful = reserve(rate, 1, 700);
        assertThat(wasteful.isGranted()).isTrue();
        rates.settle(wasteful, 1, 900);
        clock.advance(Duration.ofSeconds(30));
        assertThat(reserve(rate, 1, 1).delay()).isEqualTo(Duration.ofSeconds(31));
        rates.settle(wasteful, 1, 0);
        assertThat(reserve(rate, 1, 1).isGranted()).isTrue();
    }

    @Test
    void settlingAfterItsMinuteChangesNothing() {
        var rate = new Rate(0, 1_000);
        var old = reserve(rate, 1, 500);
        clock.advance(Duration.ofSeconds(200));
        reserve(rate, 1, 1_000);
        rates.settle(old, 0, 0);
        assertThat(reserve(rate, 1, 1).isGranted()).isFalse();
    }

    @Test
    void anAmountGreaterThanTheRateTakesTheWholeMinute() {
        var rate = new Rate(0, 1_000);
        var huge = reserve(rate, 1, 5_000);
        assertThat(huge.isGranted()).isTrue();
        assertThat(huge.tokens()).isEqualTo(1_000);
        assertThat(reserve(rate, 1, 1).isGranted()).isFalse();
    }

    @Test
    void requestsAndTokensMustBothHaveRoom() {
        var rate = new Rate(2, 100);
        assertThat(reserve(rate, 1, 100).isGranted()).isTrue();
        assertThat(reserve(rate, 1, 1).isGranted()).isFalse();
        assertThat(reserve(rate, 1, 0).isGranted()).isTrue();
        assertThat(reserve(rate, 1, 0).isGranted()).isFalse();
    }

    private List<Reservation> book(Rate rate, Duration ahead, String... holders) {
        var amounts = Arrays.stream(holders).map(h -> new Amount(1, 0, h)).toList();
        return rates.reserve("openai", rate, amounts, ahead);
    }

    @Test
    void whoMustWaitIsGivenATimeOfItsOwnSoThatNotAllComeBackAtOnce() {
        var rate = new Rate(2, 0);
        var waits = book(rate, MINUTE.multipliedBy(3), "a", "b", "c", "d", "e", "f", "g").stream()
                .map(r -> r.delay().toSeconds())
                .toList();
        assertThat(waits).containsExactly(0L, 0L, 61L, 61L, 122L, 122L, 183L);
        assertThat(rates.bookedAt("openai", "c")).contains(T0.plusSeconds(61));
        var beyond = book(rate, MINUTE, "h", "i");
        assertThat(beyond).noneMatch(Reservation::isBooked);
        assertThat(beyond.getFirst().delay()).isEqualTo(Duration.ofSeconds(183));
        assertThat(rates.bookedAt("openai", "h")).isEmpty();
    }

    @Test
    void whoComesAtItsTimeUsesItsBooking() {
        var rate = new Rate(1, 0);
        book(rate, MINUTE.multipliedBy(3), "a", "b", "c");
        clock.advance(Duration.ofSeconds(61));
        assertThat(book(rate, MINUTE, "d")).noneMatch(Reservation::isGranted);
        assertThat(book(rate, MINUTE, "b")).allMatch(Reservation::isGranted);
        assertThat(rates.bookedAt("openai", "b")).isEmpty();
    }

    @Test
    void whoComesTooEarlyIsToldTheSameTimeAgain() {
        var rate = new Rate(1, 0);
        book(rate, MINUTE.multipliedBy(3), "a", "b");
        clock.advance(Duration.ofSeconds(30));
        assertThat(book(rate, MINUTE, "b").getFirst().delay()).isEqualTo(Duration.ofSeconds(31));
    }

    @Test
    void whoComesTooLateFindsWhatItBookedCountedAtItsOldTimeOnlyUntilItAsks() {
        var rate = new Rate(1, 0);
        book(rate, MINUTE.multipliedBy(3), "a", "b", "c");
        clock.advance(Duration.ofSeconds(100));
        // Now for the 61st second; but 22 s later it is the turn of c.
        assertThat(book(rate, MINUTE.multipliedBy(3), "b").getFirst().delay()).isEqualTo(Duration.ofSeconds(83));
        clock.advance(Duration.ofSeconds(22));
        assertThat(book(rate, MINUTE, "c").getFirst().isGranted()).isTrue();
    }

    /** A hundred callers, hours of virtual time, bursts and rests: the sum of any minute is looked at afterwards. */
    @Test
    void noMinuteWhereverItBeginsHasMoreThanTheRate() {
        var rate = new Rate(40, 9_000);
        var random = new Random(7);
        var begun = new ArrayList<long[]>();
        for (int round = 0; round < 600; round++) {
            clock.advance(Duration.ofMillis(random.nextInt(10) == 0 ? random.nextInt(90_000) : random.nextInt(3_000)));
            var amounts = new ArrayList<Amount>();
            for (int i = random.nextInt(20); i >= 0; i--) {
                // Some book ahead, come at another time, or never come.
                String holder = random.nextBoolean() ? "" : "h" + random.nextInt(50);
                amounts.add(new Amount(1, random.nextInt(800), holder));
            }
            for (var r : rates.reserve("m", rate, amounts, Duration.ofSeconds(5))) {
                if (!r.isGranted()) continue;
                long used = r.tokens() - random.nextInt((int) r.tokens() + 1);
                rates.settle(r, 1, used);
                begun.add(new long[] {clock.millis(), used});
            }
        }
        assertThat(begun).hasSizeGreaterThan(1_000);
        for (long[] first : begun) {
            var minute = begun.stream()
                    .filter(b -> b[0] >= first[0] && b[0] < first[0] + 60_000)
                    .toList();
            assertThat(minute.size()).isLessThanOrEqualTo(40);
            assertThat(minute.stream().mapToLong(b -> b[1]).sum()).isLessThanOrEqualTo(9_000);
        }
    }

    @Test
    void ofAHundredCallersAtOnceNoneGetsMoreThanIsLeft() {
        var rate = new Rate(0, 1_000);
        var granted = new AtomicLong();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                threads.execute(() -> {
                    if (reserve(rate, 1, 30).isGranted()) granted.addAndGet(30);
                });
            }
        }
        assertThat(granted).hasValue(990);
    }

    @Test
    void whoAlwaysWantsUsesTheRateToNinetyEightPercent() {
        var rate = new Rate(600, 0);
        int begun = 0;
        for (int second = 0; second < 600; second++) {
            for (var r : rates.reserve("m", rate, Collections.nCopies(600, Amount.of(1, 0)), Duration.ZERO)) {
                if (r.isGranted()) begun++;
            }
            clock.advance(Duration.ofSeconds(1));
        }
        // 600 a minute for ten.
        assertThat(begun).isBetween(5_860, 6_000);
    }

    @Test
    void anUnusedRateIsForgotten() {
        reserve(new Rate(1, 0), 1, 0);
        long millis = redis.send(io.vertx.redis.client.Command.PTTL, LimitKeys.used("openai"))
                .toLong();
        assertThat(millis).isBetween(1L, 130_000L);
        assertThat(new RateLimits(redis.link, Optional.empty())
                        .reserve("other", new Rate(1, 0), 1, 0)
                        .isGranted())
                .isTrue();
        assertThat(T0).isEqualTo(clock.instant());
    }
}

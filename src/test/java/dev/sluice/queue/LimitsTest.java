package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Limits.Asking;
import dev.sluice.queue.Limits.Permit;
import dev.sluice.queue.Limits.Reply;
import dev.sluice.store.HandClock;
import dev.sluice.workflow.Service;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final String KEY = "default.w/customer=42";

    private final RealRedis redis = RealRedis.empty();
    private final HandClock clock = new HandClock();
    private final Limits limits = new Limits(redis.link, Optional.of(clock));

    /** Each asks a second later than the one before it, as its number says. */
    private Reply ask(int max, String... holders) {
        var asking = Arrays.stream(holders)
                .map(h -> new Asking(h, T0.plusSeconds(Integer.parseInt(h.substring(1)))))
                .toList();
        return limits.acquire(Map.of(new Service.Limit(KEY, max), asking), LEASE)
                .getFirst();
    }

    private static List<String> holders(Reply reply) {
        return reply.permits().stream().map(Permit::holder).toList();
    }

    private Reply free(Permit... permits) {
        return limits.free(List.of(permits), LEASE).get(KEY);
    }

    @Test
    void noMoreThanTheMaximumHaveAPermitAndTheOthersWait() {
        Reply reply = ask(2, "a1", "a2", "a3");
        assertThat(holders(reply)).containsExactly("a1", "a2");
        assertThat(reply.waiting()).isEqualTo(1);
        assertThat(limits.fill(KEY)).isEqualTo(new Limits.Fill(2, 2, 1));
    }

    @Test
    void aPermitThatComesFreeGoesToWhoAskedFirstNotToWhoAsksNext() {
        Permit first = ask(1, "a1").permits().getFirst();
        ask(1, "a9");
        ask(1, "a5");
        assertThat(free(first).called()).containsExactly("a5");
        assertThat(holders(ask(1, "a3"))).isEmpty();
        assertThat(holders(ask(1, "a5"))).containsExactly("a5");
    }

    @Test
    void asManyAreCalledAsPlacesCameFree() {
        var permits = ask(3, "a1", "a2", "a3").permits();
        ask(3, "b4", "b5", "b6", "b7");
        assertThat(free(permits.get(0), permits.get(1)).called()).containsExactly("b4", "b5");
    }

    @Test
    void aPermitIsLostWhenItsLeaseEndsAndNoSooner() {
        ask(1, "a1");
        clock.advance(LEASE.minusMillis(1));
        assertThat(holders(ask(1, "a2"))).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(holders(ask(1, "a2"))).containsExactly("a2");
    }

    @Test
    void aPermitThatIsKeptStays() {
        var permit = ask(1, "a1").permits().getFirst();
        clock.advance(LEASE.minusSeconds(1));
        assertThat(limits.keep(List.of(permit), LEASE)).isEmpty();
        clock.advance(LEASE.minusSeconds(1));
        assertThat(holders(ask(1, "a2"))).isEmpty();
    }

    @Test
    void whoStoodStillLongerThanItsLeaseLearnsThatItsPermitIsLostAndTakesNothingFromItsSuccessor() {
        var old = ask(1, "a1").permits().getFirst();
        clock.advance(LEASE);
        var successor = ask(1, "a2").permits().getFirst();
        assertThat(successor.fence()).isGreaterThan(old.fence());
        assertThat(limits.keep(List.of(old), LEASE)).containsExactly(old);
        free(old);
        assertThat(limits.fill(KEY).held()).isEqualTo(1);
        assertThat(limits.keep(List.of(successor), LEASE)).isEmpty();
    }

    @Test
    void theSameAttemptAskingAgainHasOnePermitUnderAGreaterToken() {
        var first = ask(2, "a1").permits().getFirst();
        var second = ask(2, "a1").permits().getFirst();
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThat(limits.fill(KEY).held()).isEqualTo(1);
        // What the first delivery gives back is no longer its own.
        free(first);
        assertThat(limits.fill(KEY).held()).isEqualTo(1);
        free(second);
        assertThat(limits.fill(KEY).held()).isZero();
    }

    @Test
    void tokensGoOnRisingWhenTheLimitWasForgotten() {
        var before = ask(1, "a1").permits().getFirst();
        free(before);
        redis.send(Command.DEL, LimitKeys.state(KEY));
        clock.advance(Duration.ofMillis(1));
        assertThat(ask(1, "a2").permits().getFirst().fence()).isGreaterThan(before.fence());
    }

    @Test
    void anotherMaximumCountsFromTheNextAskingOn() {
        ask(1, "a1", "a2", "a3");
        Reply wider = ask(3, "a9");
        assertThat(wider.called()).containsExactly("a2", "a3");
        assertThat(holders(wider)).isEmpty();
        Reply narrower = ask(1, "a9");
        assertThat(holders(narrower)).isEmpty();
        limits.forget(Map.of(KEY, List.of("a1")), LEASE);
        limits.forget(Map.of(KEY, List.of("a2")), LEASE);
        assertThat(limits.fill(KEY)).isEqualTo(new Limits.Fill(1, 1, 1));
    }

    @Test
    void whoIsForgottenLeavesTheLineToo() {
        var permit = ask(1, "a1", "a2", "a3").permits().getFirst();
        limits.forget(Map.of(KEY, List.of("a2")), LEASE);
        assertThat(free(permit).called()).containsExactly("a3");
    }

    @Test
    void aPermitThatWasGivenToOneWhoNeverComesIsGivenToTheNextAfterTheLease() {
        var permit = ask(1, "a1", "a2", "a3").permits().getFirst();
        limits.await(List.of(KEY), LEASE);
        assertThat(free(permit).called()).containsExactly("a2");
        assertThat(limits.sweep(LEASE, 10)).isEmpty();
        clock.advance(LEASE);
        assertThat(limits.sweep(LEASE, 10).get(KEY).called()).containsExactly("a3");
    }

    @Test
    void aLimitThatNobodyWaitsForIsNoLongerLookedAt() {
        var permit = ask(1, "a1", "a2").permits().getFirst();
        limits.await(List.of(KEY), LEASE);
        free(permit);
        clock.advance(LEASE);
        limits.sweep(LEASE, 10);
        assertThat(redis.sorted(Keys.limitsAwaited())).isEmpty();
    }

    @Test
    void theSweepLooksAgainWhenTheFirstLeaseEnds() {
        ask(2, "a1");
        clock.advance(Duration.ofSeconds(5));
        ask(2, "a2", "a3");
        limits.await(List.of(KEY), Duration.ZERO);
        assertThat(limits.sweep(LEASE, 10)).containsOnlyKeys(KEY);
        assertThat(redis.sorted(Keys.limitsAwaited()))
                .containsExactly(KEY, String.valueOf(T0.plus(LEASE).toEpochMilli()));
    }

    @Test
    void twoSweepsAtOnceLookAtEachLimitOnce() throws InterruptedException {
        ask(1, "a1", "a2");
        limits.await(List.of(KEY), LEASE);
        clock.advance(LEASE);
        var called = new ConcurrentLinkedQueue<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                threads.execute(() -> limits.sweep(LEASE, 10).values().forEach(reply -> called.addAll(reply.called())));
            }
        }
        assertThat(called).containsExactly("a2");
    }

    @Test
    void withTheClockOfRedisLeasesAreTimedAlike() {
        var timed = new Limits(redis.link, Optional.empty());
        var limit = new Service.Limit(KEY, 1);
        timed.acquire(Map.of(limit, List.of(new Asking("a1", T0))), LEASE);
        var second = timed.acquire(Map.of(limit, List.of(new Asking("a2", T0))), LEASE);
        assertThat(second.getFirst().permits()).isEmpty();
        timed.acquire(Map.of(limit, List.of(new Asking("a1", T0))), Duration.ZERO);
        var third = timed.acquire(Map.of(limit, List.of(new Asking("a2", T0))), LEASE);
        assertThat(third.getFirst().permits()).hasSize(1);
        timed.acquire(Map.of(limit, List.of(new Asking("a3", T0))), LEASE);
        timed.await(List.of(KEY), Duration.ZERO);
        assertThat(timed.sweep(LEASE, 10)).containsOnlyKeys(KEY);
        assertThat(timed.sweep(LEASE, 10)).isEmpty();
    }

    @Test
    void aHundredCallersAtOnceNeverHoldMoreThanTheMaximum() {
        var all = new ConcurrentLinkedQueue<Permit>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                String holder = "a" + i;
                threads.execute(() -> all.addAll(ask(7, holder).permits()));
            }
        }
        // Those who were called have a permit without having asked again.
        assertThat(limits.fill(KEY)).isEqualTo(new Limits.Fill(7, 7, 93));
        assertThat(all).hasSizeLessThanOrEqualTo(7);
        assertThat(all).extracting(Permit::fence).doesNotHaveDuplicates();
    }
}

package dev.sluice.inference;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RealRedis;
import dev.sluice.store.HandClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two processes and one real Redis, with a clock that the test moves. */
class HealthTest {
    private static final Duration FIVE = Duration.ofSeconds(5);

    private final RealRedis redis = RealRedis.empty();
    private final HandClock clock = new HandClock();
    private final Health one = health("one");
    private final Health other = health("other");

    private Health health(String process) {
        return new RedisHealth(redis.link, clock, process, Runnable::run);
    }

    private static void fail(Health health, int times) {
        for (int i = 0; i < times; i++) health.failed("mini");
    }

    /** So that what others wrote is fetched. */
    private void age() {
        clock.advance(RedisHealth.COPY_AGE_MAX);
    }

    @Test
    void whatOneProcessFoundOutTheOtherKnowsHalfASecondLater() {
        assertThat(other.closedUntil("mini", "q")).isEmpty();
        fail(one, 5);
        assertThat(one.closedUntil("mini", "q")).contains(T0.plus(FIVE));
        assertThat(other.closedUntil("mini", "q")).isEmpty();
        age();
        assertThat(other.closedUntil("mini", "q")).contains(T0.plus(FIVE));
        assertThat(other.enter("mini")).isFalse();
        assertThat(other.closedUntil("large", "q")).isEmpty();
    }

    @Test
    void failuresOfManyProcessesCountTogether() {
        for (int i = 0; i < 10; i++) {
            assertThat(one.closedUntil("mini", "q")).isEmpty();
            fail(health("p-" + i), 3);
            age();
        }
        assertThat(one.closedUntil("mini", "q")).isPresent();
    }

    @Test
    void theProbeGoesToOneOfSeveralProcessesAndItsSuccessClosesTheBreakerForAll() {
        fail(one, 5);
        clock.advance(FIVE);
        assertThat(other.closedUntil("mini", "q")).isEmpty();
        var probes = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                Health health = i % 2 == 0 ? one : other;
                threads.execute(() -> {
                    if (health.enter("mini")) probes.incrementAndGet();
                });
            }
        }
        assertThat(probes).hasValue(1);
        age();
        assertThat(other.closedUntil("mini", "q")).contains(clock.instant().plusSeconds(1));
        one.succeeded("mini");
        age();
        assertThat(other.closedUntil("mini", "q")).isEmpty();
        assertThat(other.enter("mini")).isTrue();
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void aProbeThatFailsOpensItForTwiceAsLong() {
        fail(one, 5);
        clock.advance(FIVE);
        assertThat(one.enter("mini")).isTrue();
        one.failed("mini");
        assertThat(one.closedUntil("mini", "q")).contains(clock.instant().plusSeconds(10));
    }

    @Test
    void aProbeOfAProcessThatDiedIsMadeByAnother() {
        fail(one, 5);
        clock.advance(FIVE);
        assertThat(one.enter("mini")).isTrue();
        age();
        assertThat(other.enter("mini")).isFalse();
        clock.advance(Breaker.PROBE_LEASE);
        assertThat(other.enter("mini")).isTrue();
    }

    @Test
    void successesAreNotWrittenWhileTheBreakerIsClosed() {
        one.enter("mini");
        long before = redis.count("evalsha");
        for (int i = 0; i < 100; i++) {
            assertThat(one.enter("mini")).isTrue();
            one.succeeded("mini");
            one.failed("mini");
        }
        assertThat(redis.count("evalsha")).isEqualTo(before);
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void aGroupRestsForAllProcessesAndTheLongestRestHolds() {
        one.rest("openai", Duration.ofSeconds(20));
        assertThat(one.closedUntil("mini", "openai")).contains(T0.plusSeconds(20));
        assertThat(one.closedUntil("mini", "other")).isEmpty();
        age();
        assertThat(other.closedUntil("large", "openai")).contains(T0.plusSeconds(20));
        other.rest("openai", Duration.ofSeconds(3));
        other.rest("openai", Duration.ofSeconds(60));
        age();
        assertThat(one.closedUntil("mini", "openai")).contains(T0.plusMillis(60_500));
        clock.advance(Duration.ofSeconds(60));
        assertThat(one.closedUntil("mini", "openai")).isEmpty();
        one.rest("openai", Duration.ofDays(400));
        assertThat(one.closedUntil("mini", "openai")).contains(clock.instant().plus(SharedHealth.REST_MAX));
    }

    @Test
    void whileEndpointsAreNotAskedForRedisIsNotEither() {
        one.closedUntil("mini", "q");
        long before = redis.count("evalsha");
        for (int i = 0; i < 100; i++) one.closedUntil("mini", "q");
        assertThat(redis.count("evalsha")).isEqualTo(before);
        age();
        for (int i = 0; i < 100; i++) one.closedUntil("mini", "q");
        assertThat(redis.count("evalsha")).isEqualTo(before + 1);
    }

    @Test
    void readingWaitsForNoAnswerOfRedis() {
        Queue<Runnable> fetches = new ArrayDeque<>();
        fail(one, 5);
        var slow = new RedisHealth(redis.link, clock, "slow", fetches::add);
        assertThat(slow.closedUntil("mini", "q")).isEmpty();
        assertThat(slow.closedUntil("mini", "q")).isEmpty();
        assertThat(fetches).hasSize(1);
        fetches.remove().run();
        assertThat(slow.closedUntil("mini", "q")).isPresent();
    }

    @Test
    void aProcessWithoutRedisDecidesByWhatItSees() {
        var local = new LocalHealth(clock);
        fail(local, 5);
        local.rest("openai", Duration.ofSeconds(3));
        local.rest("openai", Duration.ofSeconds(8));
        local.rest("openai", Duration.ofSeconds(1));
        assertThat(local.closedUntil("mini", "q")).contains(T0.plus(FIVE));
        assertThat(local.closedUntil("mini", "openai")).contains(T0.plusSeconds(8));
        clock.advance(FIVE);
        assertThat(local.enter("mini")).isTrue();
        assertThat(local.enter("mini")).isFalse();
        local.succeeded("mini");
        assertThat(local.enter("mini")).isTrue();
        assertThat(redis.keys()).isEmpty();
    }

    @Test
    void whoDecidedByAnOldCopyDecidesAnewByWhatIsThere() {
        fail(one, 3);
        age();
        assertThat(other.closedUntil("mini", "q")).isEmpty();
        fail(one, 1);
        clock.advance(Duration.ofMillis(1));
        fail(other, 3);
        long t0 = T0.toEpochMilli();
        assertThat(redis.hash(ModelKeys.endpoints()))
                .containsExactlyEntriesOf(Map.of("e|mini", "closed " + t0 + " " + (t0 + 500) + " " + (t0 + 501)));
    }
}

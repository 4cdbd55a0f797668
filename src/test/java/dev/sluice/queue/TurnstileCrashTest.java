package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.HandClock;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A dispatcher killed right before and right after each of its writes, while tasks wait for permits and rates. */
class TurnstileCrashTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final int TASKS = 4;
    private static final String LIMITS = "{\"limits\":[[\"default.w/a=1\",1],[\"default.w/b=1\",2]]}";

    /** Time passes for permits, and for the leases of tasks where a test ends them. */
    private final HandClock clock = new HandClock();

    private final List<String> done = new ArrayList<>();

    /** Takes what there is, and ends what was let through. @return whether anything was */
    private boolean work(RealRedis redis, Turnstile turnstile, String consumer) {
        turnstile.sweep();
        var claimed = new ArrayList<>(redis.reclaim("f", consumer, 9, task -> ""));
        claimed.addAll(redis.tasks.take(P, "f", consumer, 9, T0, task -> ""));
        List<Delivery> through = turnstile.admit(claimed);
        turnstile.keep(through);
        for (Delivery delivery : through) {
            if (redis.tasks.settle(delivery, "event", ""))
                done.add(delivery.task().run());
            turnstile.done(delivery);
        }
        turnstile.flush();
        return !through.isEmpty();
    }

    private Turnstile turnstile(RealRedis redis, String consumer) {
        return redis.turnstile(consumer, Map.of(), Map.of("f", 3), Map.of("f", 2), LEASE, clock);
    }

    /** @return writes of the process that is killed */
    private int run(int fatal, boolean afterwards) {
        done.clear();
        RealRedis redis = RealRedis.empty();
        for (int i = 0; i < TASKS; i++) {
            redis.send(Command.HSET, Keys.run(P, "r-" + i), Keys.step("/do/0/x"), "{}");
            redis.addEntry(
                    P,
                    LaneName.of("f"),
                    "run",
                    "r-" + i,
                    "step",
                    "/do/0/x",
                    "attempt",
                    1,
                    "input",
                    "{}",
                    "at",
                    1,
                    "more",
                    LIMITS);
        }
        RealRedis mortal = RealRedis.mortal(fatal, afterwards);
        try {
            Turnstile first = turnstile(mortal, "d-1");
            for (int i = 0; i < 3; i++) work(mortal, first, "d-1");
        } catch (MortalLink.Killed e) {
            // Another goes on.
        }
        Turnstile second = turnstile(redis, "d-2");
        // In 40 leases what was refused, delayed or lost has had its turn many times.
        for (int i = 0; i < 40; i++) {
            if (work(redis, second, "d-2")) continue;
            redis.endLeases();
            clock.advance(LEASE);
        }
        assertNothingIsLeft(redis);
        return ((MortalLink) mortal.link).writes();
    }

    private void assertNothingIsLeft(RealRedis redis) {
        assertThat(done).doesNotHaveDuplicates();
        assertThat(redis.length(Keys.inbox(P))).isEqualTo(TASKS);
        assertThat(redis.length(Keys.lane(P, "f"))).isZero();
        assertThat(redis.sorted(Keys.inFlight(P))).isEmpty();
        // Who died between giving a task its permit and ending it has had its lease.
        clock.advance(LEASE);
        var limits = new Limits(redis.link, Optional.of(clock));
        limits.sweep(LEASE, 100);
        for (String limit : List.of("default.w/a=1", "default.w/b=1", "function=f")) {
            limits.forget(Map.of(limit, List.of()), LEASE);
            assertThat(limits.fill(limit).held()).as(limit).isZero();
            assertThat(limits.fill(limit).waiting()).as(limit).isZero();
        }
    }

    @Test
    void aDispatcherKilledAtAnyOfItsWritesLosesNoTaskAndLeaksNoPermit() {
        int writes = run(0, false);
        assertThat(writes).isGreaterThan(15);
        for (int write = 1; write <= writes; write++) {
            for (boolean afterwards : new boolean[] {false, true}) run(write, afterwards);
        }
    }
}

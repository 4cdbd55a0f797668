package dev.sluice.inference;

import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.Script;
import io.vertx.redis.client.Response;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * What all processes have seen. Each goes by a copy, fetched anew at most every half second and only while endpoints
 * are asked for; changes are written at once. While Redis does not answer, a process goes by what it sees itself.
 */
@Singleton
@Typed(RedisHealth.class)
final class RedisHealth extends SharedHealth {
    /** 500 ms: a hundred processes ask Redis 200 times a second, and one that failed is left alone that soon. */
    static final Duration COPY_AGE_MAX = Duration.ofMillis(500);

    /** Two days: longer than any rest. */
    private static final Duration KEPT = Duration.ofDays(2);

    private final RedisLink redis;
    private final Clock clock;
    private final Executor fetching;
    private final AtomicLong fetchedAt = new AtomicLong();
    private volatile Map<String, String> copy = Map.of();

    @Inject
    RedisHealth(RedisLink redis, Clock clock) {
        this(
                redis,
                clock,
                Long.toHexString(RandomGenerator.getDefault().nextLong()),
                fetch -> Thread.ofVirtual().name("sluice-health").start(fetch));
    }

    /** @param clock common to all processes; @param fetching where the copy is fetched, so that no reader waits */
    RedisHealth(RedisLink redis, Clock clock, String process, Executor fetching) {
        super(clock, process);
        this.redis = redis;
        this.clock = clock;
        this.fetching = fetching;
    }

    @Override
    Map<String, String> known() {
        long now = clock.millis();
        long last = fetchedAt.get();
        if (now - last >= COPY_AGE_MAX.toMillis() && fetchedAt.compareAndSet(last, now)) fetching.execute(this::fetch);
        return copy;
    }

    private void fetch() {
        call(List.of());
    }

    @Override
    boolean replace(String field, String from, String to) {
        OptionalInt replaced = call(List.of(field, from, to));
        if (replaced.isPresent()) return replaced.getAsInt() == 1;
        var own = new HashMap<>(copy);
        if (to.isEmpty()) own.remove(field);
        else own.put(field, to);
        copy = Map.copyOf(own);
        return true;
    }

    /**
     * Without patience: whoever was answered by an endpoint does not wait for Redis.
     *
     * @return how many fields have the new value; empty when Redis does not answer
     */
    private OptionalInt call(List<String> change) {
        var args = new ArrayList<String>();
        args.add(String.valueOf(KEPT.toMillis()));
        args.addAll(change);
        var call = new RedisLink.Call(List.of(ModelKeys.endpoints()), args);
        Optional<Response> reply = redis.runSome(Script.BREAKER, List.of(call)).getFirst();
        if (reply.isEmpty()) return OptionalInt.empty();
        var fresh = new HashMap<String, String>();
        for (int i = 1; i + 1 < reply.get().size(); i += 2) {
            fresh.put(reply.get().get(i).toString(), reply.get().get(i + 1).toString());
        }
        copy = Map.copyOf(fresh);
        return OptionalInt.of(reply.get().get(0).toInteger());
    }
}

package dev.sluice.queue;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** Who decides for a partition: one orchestrator at a time, under a fencing token that each commit must show. */
@ApplicationScoped
public class Ownership {
    /** 5 s: renewed by every commit; a partition whose owner was killed rests no longer than this. */
    public static final Duration LASTS = Duration.ofSeconds(5);

    private final RedisLink redis;

    Ownership(RedisLink redis) {
        this.redis = redis;
    }

    /** @return the fencing token; empty when another has the partition */
    public OptionalLong take(Partition partition) {
        long token = redis.run(
                        Script.OWN,
                        List.of(Keys.owner(partition), Keys.fence(partition)),
                        List.of(String.valueOf(LASTS.toMillis())))
                .toLong();
        return token == 0 ? OptionalLong.empty() : OptionalLong.of(token);
    }

    public void release(Partition partition, long token) {
        redis.run(Script.RELEASE, List.of(Keys.owner(partition)), List.of(String.valueOf(token)));
    }
}

package dev.sluice.queue;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;

/** Duties that one process has at a time. A lease that is not kept ends by itself. */
@ApplicationScoped
public class Leases {
    private final RedisLink redis;

    Leases(RedisLink redis) {
        this.redis = redis;
    }

    /**
     * Takes the lease, or keeps it.
     *
     * @param lasts from now, if it is not kept again
     * @return false when another holder has it
     */
    public boolean hold(String key, String holder, Duration lasts) {
        return redis.run(Script.LEASE, List.of(key), List.of(holder, String.valueOf(lasts.toMillis())))
                        .toInteger()
                == 1;
    }

    /** Gives it back; does nothing when another has it by now. */
    public void release(String key, String holder) {
        redis.run(Script.RELEASE, List.of(key), List.of(holder));
    }
}

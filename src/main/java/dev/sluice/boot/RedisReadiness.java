package dev.sluice.boot;

import dev.sluice.queue.MemoryWatch;
import dev.sluice.queue.RedisLink;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready as long as any Redis server answers: while one of a cluster is gone, the runs of the others go on, and a
 * process that never asked Redis for anything needs none. One that is nearly full is ready, because it answers all but
 * starts.
 */
@Readiness
class RedisReadiness implements HealthCheck {
    private final RedisLink redis;

    private final MemoryWatch watch;

    RedisReadiness(RedisLink redis, MemoryWatch watch) {
        this.redis = redis;
        this.watch = watch;
    }

    @Override
    public HealthCheckResponse call() {
        MemoryWatch.Level memory = watch.fullest();
        return HealthCheckResponse.named("Redis")
                .status(redis.answers())
                .withData("memoryUsed", memory.used())
                .withData("memoryMax", memory.max())
                .withData("takesStarts", !memory.isFull())
                .build();
    }
}

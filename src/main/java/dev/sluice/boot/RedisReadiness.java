package dev.sluice.boot;

import dev.sluice.queue.RedisLink;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready as long as any Redis server answers: while one of a cluster is gone, the runs of the others go on, and a
 * process that never asked Redis for anything needs none.
 */
@Readiness
class RedisReadiness implements HealthCheck {
    private final RedisLink redis;

    RedisReadiness(RedisLink redis) {
        this.redis = redis;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("Redis").status(redis.answers()).build();
    }
}

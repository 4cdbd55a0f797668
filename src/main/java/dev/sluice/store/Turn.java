package dev.sluice.store;

import dev.sluice.queue.Keys;
import dev.sluice.queue.RedisLink;
import io.vertx.redis.client.Command;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Lets one of several processes do a duty that would be wasted on all of them. Nothing depends on it but the cost. */
@ApplicationScoped
public class Turn {
    private final RedisLink redis;

    Turn(RedisLink redis) {
        this.redis = redis;
    }

    /** @return false when somebody has had this duty's turn less than {@code interval} ago */
    public boolean take(String duty, Duration interval) {
        return redis.send(Command.SET, Keys.turn(duty), "1", "NX", "PX", interval.toMillis()) != null;
    }
}

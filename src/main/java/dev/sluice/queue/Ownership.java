package dev.sluice.queue;

import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Who decides for a partition: one orchestrator at a time, under a fencing token that each commit must show. */
@ApplicationScoped
public class Ownership {
    /** 5 s: renewed by every commit; a partition whose owner was killed rests no longer than this. */
    public static final Duration LASTS = Duration.ofSeconds(5);

    /**
     * @param value fencing token, greater than all that were given out before
     * @param again nobody else has had the partition since this process had it last
     */
    public record Token(long value, boolean again) {}

    private final RedisLink redis;
    /** Of this process, another one after every start. */
    private final String name = UUID.randomUUID().toString();

    Ownership(RedisLink redis) {
        this.redis = redis;
    }

    /** @return empty when another has the partition */
    public Optional<Token> take(Partition partition) {
        Response reply = redis.run(
                Script.OWN,
                List.of(Keys.owner(partition), Keys.fence(partition), Keys.lastOwner(partition)),
                List.of(String.valueOf(LASTS.toMillis()), name));
        long token = reply.get(0).toLong();
        return token == 0
                ? Optional.empty()
                : Optional.of(new Token(token, reply.get(1).toInteger() == 1));
    }

    /** What a partition still has to do. @param inbox entries; @param outbox entries */
    public record Rest(long inbox, long outbox) {
        public boolean isNothing() {
            return inbox + outbox == 0;
        }
    }

    /** Gives the partition back if nothing is left to do; otherwise it stays owned. */
    public Rest leave(Partition partition, Token token) {
        Response rest = redis.run(
                Script.LEAVE,
                List.of(Keys.owner(partition), Keys.inbox(partition), Keys.outbox(partition)),
                List.of(String.valueOf(token.value())));
        return new Rest(rest.get(0).toLong(), rest.get(1).toLong());
    }

    public void release(Partition partition, Token token) {
        redis.run(Script.RELEASE, List.of(Keys.owner(partition)), List.of(String.valueOf(token.value())));
    }
}

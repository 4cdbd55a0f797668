package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import org.junit.jupiter.api.Test;

class OwnershipTest {
    private final RealRedis redis = RealRedis.empty();
    private final Ownership ownership = redis.ownership;

    @Test
    void aPartitionHasOneOwner() {
        assertThat(ownership.take(P)).isPresent();
        assertThat(ownership.take(P)).isEmpty();
    }

    @Test
    void anotherPartitionHasAnother() {
        ownership.take(P);
        assertThat(ownership.take(new Partition("default", "test", 1))).isPresent();
    }

    @Test
    void itEndsByItselfWithinItsTime() {
        ownership.take(P);
        long left = redis.send(Command.PTTL, Keys.owner(P)).toLong();
        assertThat(left).isBetween(1L, Ownership.LASTS.toMillis());
    }

    @Test
    void eachTokenIsGreaterThanAllBeforeIt() {
        Ownership.Token first = ownership.take(P).orElseThrow();
        ownership.release(P, first);
        assertThat(ownership.take(P).orElseThrow().value()).isGreaterThan(first.value());
    }

    @Test
    void aFormerOwnerCannotGiveAwayWhatAnotherHas() {
        Ownership.Token former = ownership.take(P).orElseThrow();
        redis.send(Command.DEL, Keys.owner(P));
        ownership.take(P);
        ownership.release(P, former);
        assertThat(ownership.take(P)).isEmpty();
    }
}

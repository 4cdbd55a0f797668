package dev.sluice.queue;

import static dev.sluice.queue.RealRedis.P;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.redis.client.Command;
import java.math.BigInteger;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
    private final RealRedis redis = RealRedis.empty();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    private MemoryWatch watch(long bound, double high, double low) {
        Optional<MemorySize> size =
                Optional.of(bound).filter(b -> b > 0).map(b -> new MemorySize(BigInteger.valueOf(b)));
        return new MemoryWatch(redis.link, metrics, size, high, low);
    }

    @Test
    void aRedisWithoutABoundIsNeverFull() {
        MemoryWatch watch = watch(0, 0.9, 0.8);
        watch.sample();
        assertThat(watch.level(P).used()).isPositive();
        assertThat(watch.level(P).share()).isZero();
        assertThat(watch.level(P).isFull()).isFalse();
    }

    @Test
    void theServersOwnBoundCounts() {
        redis.sendToEach(Command.CONFIG, "SET", "maxmemory", 1L << 40);
        try {
            MemoryWatch watch = watch(0, 0.9, 0.8);
            watch.sample();
            assertThat(watch.level(P).max()).isEqualTo(1L << 40);
            assertThat(watch.level(P).isFull()).isFalse();
        } finally {
            redis.sendToEach(Command.CONFIG, "SET", "maxmemory", 0);
        }
    }

    @Test
    void aConfiguredBoundCountsWhereTheServerHasNone() {
        MemoryWatch watch = watch(1, 0.9, 0.8);
        watch.sample();
        assertThat(watch.level(P).isFull()).isTrue();
        assertThat(metrics.get("sluice.redis.memory.share").gauge().value()).isGreaterThan(1);
    }

    @Test
    void betweenTheWatermarksItStaysAsItWas() {
        MemoryWatch watch = watch(0, 0.9, 0.8);
        var fullness = new java.util.ArrayList<Boolean>();
        for (int used : new int[] {85, 90, 85, 80, 79, 85, 89, 91}) {
            watch.take("server", used, 100);
            fullness.add(watch.level(P).isFull());
        }
        assertThat(fullness).containsExactly(false, true, true, true, false, false, false, true);
    }

    @Test
    void watermarksThatAreNoneAreRefused() {
        assertThatThrownBy(() -> watch(0, 0.8, 0.9).start()).hasMessageContaining("SL1007");
        assertThatThrownBy(() -> watch(0, 1.1, 0.9).start()).hasMessageContaining("SL1007");
    }
}

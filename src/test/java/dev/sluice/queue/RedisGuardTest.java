package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.redis.client.RedisClientType;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Redis Sluice starts with, by what the server says of itself. */
class RedisGuardTest {
    private final RedisLink link = RealRedis.empty().link;
    private final RedisGuard guard = new RedisGuard(link);

    private Map<String, String> facts(String version) {
        var facts = new HashMap<>(Map.of("maxmemory_policy", "noeviction", "aof_enabled", "1"));
        facts.put("redis_version", version);
        facts.put("redis_mode", link.kind() == RedisClientType.CLUSTER ? "cluster" : "standalone");
        return facts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.2.0", "6.2.11", "7.0.15", "8.0.2", "10.0"})
    void aRedisThatIsNewEnoughIsAccepted(String version) {
        assertThatCode(() -> guard.check("redis://r", facts(version))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.0.16", "5.0.7", "", "unknown"})
    void aRedisThatIsTooOldIsRefused(String version) {
        assertThatThrownBy(() -> guard.check("redis://r", facts(version)))
                .hasMessageContaining("SL1013")
                .hasMessageContaining("6.2 or newer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "volatile-ttl"})
    void aRedisThatMayEvictKeysIsRefused(String policy) {
        var facts = facts("7.0.15");
        facts.put("maxmemory_policy", policy);
        assertThatThrownBy(() -> guard.check("redis://r", facts)).hasMessageContaining("SL1004", policy);
    }

    @Test
    void aServerOfAnotherKindThanTheSettingSaysIsRefused() {
        var facts = facts("7.0.15");
        facts.put("redis_mode", link.kind() == RedisClientType.CLUSTER ? "standalone" : "cluster");
        assertThatThrownBy(() -> guard.check("redis://r", facts))
                .hasMessageContaining("SL1007")
                .hasMessageContaining("quarkus.redis.client-type");
    }

    /** Valkey 8.1 calls it {@code server_mode}, and a cluster of it was refused. */
    @Test
    void theKindIsKnownByItsOtherNameToo() {
        var facts = facts("7.2.4");
        facts.put("valkey_version", "8.1.1");
        facts.put("server_mode", facts.remove("redis_mode"));
        assertThatCode(() -> guard.check("redis://r", facts)).doesNotThrowAnyException();
    }

    @Test
    void aPasswordInAnAddressIsNotShown() {
        assertThat(RedisServers.shown("redis://:secret@r:6379")).isEqualTo("redis://…@r:6379");
    }
}

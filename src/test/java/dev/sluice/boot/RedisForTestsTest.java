package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(RedisForTests.class)
class RedisForTestsTest {
    @Inject
    RedisDataSource redis;

    @Test
    void quarkusReachesTheEmbeddedRedisWithItsPassword() {
        assertThat(redis.execute("PING").toString()).isEqualTo("PONG");
    }
}

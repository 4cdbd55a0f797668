package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.redis.runtime.datasource.ReactiveRedisDataSourceImpl;
import io.vertx.mutiny.redis.client.RedisAPI;
import io.vertx.redis.client.Command;
import jakarta.enterprise.inject.Instance;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ChannelsTest {
    private final RealRedis redis = RealRedis.empty();
    private final Channels channels = new Channels(source());

    @SuppressWarnings("unchecked")
    private static Instance<ReactiveRedisDataSource> source() {
        var client = new io.vertx.mutiny.redis.client.Redis(RealRedis.CLIENT);
        var source = new ReactiveRedisDataSourceImpl(
                new io.vertx.mutiny.core.Vertx(RealRedis.VERTX), client, RedisAPI.api(client));
        return (Instance<ReactiveRedisDataSource>) Proxy.newProxyInstance(
                Instance.class.getClassLoader(), new Class<?>[] {Instance.class}, (proxy, method, args) -> source);
    }

    @Test
    void afterALostConnectionNobodyListenedAnyMore() {
        List<String> heard = new CopyOnWriteArrayList<>();
        channels.onChange(heard::add);
        redis.send(Command.CLIENT, "KILL", "TYPE", "pubsub");
        await().until(() -> redis.send(Command.PUBLISH, Keys.CHANGES, "again").toInteger() == 1);
        await().untilAsserted(() -> assertThat(heard).containsExactly("again"));
    }
}

package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.redis.client.Command;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ChannelsTest {
    private final RealRedis redis = RealRedis.empty();
    private final Channels channels = new Channels(RealRedis.SERVERS);

    @Test
    void afterALostConnectionNobodyListenedAnyMore() {
        List<String> heard = new CopyOnWriteArrayList<>();
        channels.onChange(heard::add);
        redis.sendToEach(Command.CLIENT, "KILL", "TYPE", "pubsub");
        await().untilAsserted(() -> {
            redis.send(Command.PUBLISH, Keys.CHANGES, "again");
            assertThat(heard).contains("again").containsOnly("again");
        });
    }
}

package dev.sluice.queue;

import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.function.Consumer;

/** Listens to Redis' channels. Listeners run on an event loop and must not block; the client reconnects by itself. */
@ApplicationScoped
public class Channels {
    private final Instance<ReactiveRedisDataSource> redis;

    Channels(Instance<ReactiveRedisDataSource> redis) {
        this.redis = redis;
    }

    public void onHint(Consumer<Hint> listener) {
        subscribe(Keys.HINTS, message -> Hint.parse(message).ifPresent(listener));
    }

    /** @param listener gets the head of each run that changed, as {@code store.RunCodec} writes it */
    public void onChange(Consumer<String> listener) {
        subscribe(Keys.CHANGES, listener);
    }

    private void subscribe(String channel, Consumer<String> listener) {
        redis.get().pubsub(String.class).subscribe(channel, listener).await().indefinitely();
    }
}

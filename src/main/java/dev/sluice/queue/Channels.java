package dev.sluice.queue;

import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.redis.datasource.pubsub.ReactivePubSubCommands.ReactiveRedisSubscriber;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Listens to Redis' channels, again after a connection has ended: the client reconnects for commands only. Listeners
 * run on an event loop and must not block.
 */
@ApplicationScoped
public class Channels {
    private static final Logger LOG = Logger.getLogger(Channels.class);

    private static final Duration AGAIN_MIN = Duration.ofMillis(200);

    /** 5 s: a Redis that is back is listened to again soon, and one that is gone is not asked for much. */
    private static final Duration AGAIN_MAX = Duration.ofSeconds(5);

    private final Instance<ReactiveRedisDataSource> redis;

    Channels(Instance<ReactiveRedisDataSource> redis) {
        this.redis = redis;
    }

    public void onHint(Consumer<Hint> listener) {
        subscribe(Keys.HINTS, message -> Hint.parse(message).ifPresent(listener));
    }

    /** @param listener gets the ids of runs that changed, with spaces between */
    public void onChange(Consumer<String> listener) {
        subscribe(Keys.CHANGES, listener);
    }

    private void subscribe(String channel, Consumer<String> listener) {
        listen(channel, listener).await().indefinitely();
    }

    private Uni<ReactiveRedisSubscriber> listen(String channel, Consumer<String> listener) {
        return redis.get()
                .pubsub(String.class)
                .subscribe(channel, listener, () -> listenAgain(channel, listener), failure -> {});
    }

    /** Ends only with the process: whoever listens has no other way to learn of a message. */
    private void listenAgain(String channel, Consumer<String> listener) {
        LOG.debugf("the connection that listens to %s has ended; listening again", channel);
        Uni.createFrom()
                .deferred(() -> listen(channel, listener))
                .onFailure()
                .retry()
                .withBackOff(AGAIN_MIN, AGAIN_MAX)
                .indefinitely()
                .subscribe()
                .with(
                        again -> LOG.debugf("listening to %s again", channel),
                        failure -> LOG.errorf(failure, "nobody listens to %s any more", channel));
    }
}

package dev.sluice.queue;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
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

    private final RedisServers servers;

    private volatile boolean stopped;

    Channels(RedisServers servers) {
        this.servers = servers;
    }

    public void onHint(Consumer<Hint> listener) {
        subscribe(Keys.HINTS, message -> Hint.parse(message).ifPresent(listener));
    }

    /** @param listener gets the ids of runs that changed, with spaces between */
    public void onChange(Consumer<String> listener) {
        subscribe(Keys.CHANGES, listener);
    }

    /** Returns when the channel is listened to. */
    private void subscribe(String channel, Consumer<String> listener) {
        listen(channel, listener).toCompletionStage().toCompletableFuture().join();
    }

    private Future<Void> listen(String channel, Consumer<String> listener) {
        return servers.client(anyServer()).connect().compose(connection -> {
            connection.handler(message -> hear(message, listener));
            connection.exceptionHandler(broken -> connection.close());
            return connection
                    .send(RedisLink.request(Command.SUBSCRIBE, channel))
                    .onSuccess(done -> connection.endHandler(end -> listenAgain(channel, listener)))
                    .onFailure(failure -> connection.close())
                    .mapEmpty();
        });
    }

    /** In a cluster each server passes on what is published at any. */
    private String anyServer() {
        List<String> all = List.copyOf(servers.map().all());
        return all.get(ThreadLocalRandom.current().nextInt(all.size()));
    }

    /** @param message {@code message <channel> <text>}; the answer to SUBSCRIBE looks alike */
    private static void hear(Response message, Consumer<String> listener) {
        boolean heard = message != null
                && message.size() == 3
                && message.get(0).toString().equals("message");
        if (heard) listener.accept(message.get(2).toString());
    }

    /** From now on connections may end. */
    public void stop() {
        stopped = true;
    }

    /** Ends only with the process: whoever listens has no other way to learn of a message. */
    private void listenAgain(String channel, Consumer<String> listener) {
        if (stopped) return;
        LOG.debugf("the connection that listens to %s has ended; listening again", channel);
        Thread.ofVirtual().name("sluice-listen").start(() -> {
            Duration pause = AGAIN_MIN;
            while (!stopped && !tryToListen(channel, listener)) {
                LockSupport.parkNanos(pause.toNanos());
                pause = pause.multipliedBy(2).compareTo(AGAIN_MAX) < 0 ? pause.multipliedBy(2) : AGAIN_MAX;
            }
            LOG.debugf("listening to %s again", channel);
        });
    }

    private boolean tryToListen(String channel, Consumer<String> listener) {
        try {
            subscribe(channel, listener);
            return true;
        } catch (NotSent | CompletionException e) {
            return false;
        }
    }
}

package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;

/**
 * What Quarkus makes of {@code quarkus.redis.*}: addresses, kind, password, TLS, pool. Its own client is left alone,
 * because that one asks every server of a cluster for a connection at each command, and fails when one is missing.
 */
@ApplicationScoped
public class RedisAccess implements RedisOptionsCustomizer {
    private final Instance<Redis> client;
    private volatile RedisOptions options;

    RedisAccess(Instance<Redis> client) {
        this.client = client;
    }

    @Override
    public void customize(String clientName, RedisOptions made) {
        options = new RedisOptions(made);
    }

    /** Not before the first use: a process with functions alone has no Redis. */
    RedisOptions options() {
        // Any call makes Quarkus create its client, and so ask for the options.
        if (options == null) client.get().toString();
        if (options == null) {
            throw Problem.of(Code.SL1007, "quarkus.redis.hosts is not set. Set it, such as redis://redis:6379.")
                    .asException();
        }
        return options;
    }
}

package dev.sluice.inference;

import dev.sluice.queue.ModelKeys;
import dev.sluice.queue.RedisLink;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Answers that serve the same request again, for routes that want it. A tenant's answers are its own: the same request
 * of two tenants is asked twice.
 */
final class AnswerCache {
    private static final Logger LOG = Logger.getLogger(AnswerCache.class);

    /** 256 K characters: an answer of 64,000 tokens; what is larger is rare, and dear to keep in memory. */
    private static final int BODY_CHARACTERS_MAX = 256 << 10;

    private final Optional<RedisLink> redis;
    private final Clock clock;

    /** @param redis empty: nothing is kept */
    AnswerCache(Optional<RedisLink> redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    Optional<Purchase> find(ModelCall call, Route route) {
        if (route.cache().isZero() || redis.isEmpty()) return Optional.empty();
        Response found = redis.get().send(Command.GET, key(call, route));
        return Optional.ofNullable(found).map(text -> PurchaseCodec.purchase(text.toString()));
    }

    /** An answer that cannot be kept is given all the same: it is paid. */
    void keep(ModelCall call, Route route, Completion bought) {
        if (route.cache().isZero() || redis.isEmpty() || bought.source() != Completion.Source.BOUGHT) return;
        String body = bought.body().toString();
        if (body.length() > BODY_CHARACTERS_MAX) return;
        var purchase = new Purchase(bought.endpoint(), bought.model(), Tokens.NONE, 0, 0, body, clock.instant());
        try {
            redis.get()
                    .send(
                            Command.SET,
                            key(call, route),
                            PurchaseCodec.text(purchase),
                            "PX",
                            String.valueOf(route.cache().toMillis()));
        } catch (RuntimeException e) {
            LOG.warnf("an answer could not be kept for others: %s", e.getMessage());
        }
    }

    private static String key(ModelCall call, Route route) {
        return ModelKeys.cached(
                call.account().tenant(), route.alias() + "\n" + call.operation() + "\n" + call.request());
    }
}

package dev.sluice.inference;

import dev.sluice.queue.RedisLink;
import dev.sluice.queue.SpendKeys;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.Optional;

/**
 * Answers that serve the same request again, for routes that want it. A tenant's answers are its own: the same request
 * of two tenants is asked twice.
 */
final class AnswerCache {
    private final Optional<RedisLink> redis;

    /** @param redis empty: nothing is kept */
    AnswerCache(Optional<RedisLink> redis) {
        this.redis = redis;
    }

    Optional<Purchase> find(ModelCall call, Route route) {
        if (route.cache().isZero() || redis.isEmpty()) return Optional.empty();
        Response found = redis.get().send(Command.GET, key(call, route));
        return Optional.ofNullable(found).flatMap(text -> Purchase.parse(text.toString()));
    }

    void keep(ModelCall call, Route route, Completion bought) {
        if (route.cache().isZero() || redis.isEmpty() || bought.source() != Completion.Source.BOUGHT) return;
        String body = bought.body().toString();
        if (body.length() > RedisBooks.BODY_MAX) return;
        var purchase = new Purchase(bought.endpoint(), bought.model(), Tokens.NONE, 0, 0, body, null);
        redis.get()
                .send(
                        Command.SET,
                        key(call, route),
                        purchase.toJson().toString(),
                        "PX",
                        String.valueOf(route.cache().toMillis()));
    }

    private static String key(ModelCall call, Route route) {
        return SpendKeys.answer(
                call.account().tenant(), route.alias() + "\n" + call.operation() + "\n" + call.request());
    }
}

package dev.sluice.queue;

import io.vertx.redis.client.impl.types.ErrorType;

/** Redis understood the command and answered with an error. */
public final class RedisRefused extends RuntimeException {
    RedisRefused(ErrorType error) {
        super(error.toString(), error);
    }

    /** @param word the first word of Redis' error, for example {@code NOSCRIPT} */
    public boolean is(String word) {
        return getMessage().startsWith(word);
    }
}

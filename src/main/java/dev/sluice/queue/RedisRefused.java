package dev.sluice.queue;

import io.vertx.redis.client.impl.types.ErrorType;

/** Redis understood the command and answered with an error. */
public final class RedisRefused extends RuntimeException {
    /** The client puts this before the errors of a batch. */
    private static final String BATCH_PREFIX = "^ERR \\[\\d+] ";

    RedisRefused(ErrorType error) {
        super(error.toString(), error);
    }

    /** @param word the first word of Redis' error, for example {@code NOSCRIPT} */
    public boolean is(String word) {
        return startsWith(getMessage(), word);
    }

    /** The client reports a connection that broke in the same way as an answer of Redis. */
    static boolean isLostConnection(ErrorType error) {
        return startsWith(error.toString(), "CONNECTION_CLOSED");
    }

    private static boolean startsWith(String message, String word) {
        return message.replaceFirst(BATCH_PREFIX, "").startsWith(word);
    }
}

package dev.sluice.queue;

import io.vertx.redis.client.impl.types.ErrorType;
import java.util.List;

/** Redis understood the command and answered with an error. */
public final class RedisRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The client puts this before the errors of a batch. */
    private static final String BATCH_PREFIX = "^ERR \\[\\d+] ";

    /**
     * Servers change places, start, or run a script that takes long. The first command that writes is refused, so that
     * nothing is half done.
     */
    private static final List<String> PASSING =
            List.of("MOVED", "ASK", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY");

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

    /** Whether the same command may be taken in a moment, perhaps by another server. */
    boolean willPass() {
        // Redis 6 hides the word behind the name of the script.
        return PASSING.stream().anyMatch(this::isOne) || getMessage().contains("-READONLY You can't write");
    }

    private boolean isOne(String word) {
        return startsWith(getMessage(), word + " ");
    }

    /** It holds as much as its {@code maxmemory} allows. */
    boolean isFull() {
        return getMessage().contains("OOM command not allowed");
    }

    /** It takes no write: its disk fails, or it has fewer replicas than {@code min-replicas-to-write}. */
    boolean isShut() {
        return is("MISCONF") || is("NOREPLICAS") || getMessage().contains("-MISCONF");
    }

    private static boolean startsWith(String message, String word) {
        return message.replaceFirst(BATCH_PREFIX, "").startsWith(word);
    }
}

package dev.sluice.inference;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Keeps the calls that this process is buying answers for, so that nobody else buys them; and gives them up by dying.
 */
final class Keeper {
    private static final Logger LOG = Logger.getLogger(Keeper.class);

    /** 15 s: when a process dies, the next attempt may buy the answer after so long. As long as the lease of a task. */
    static final Duration LEASE = Duration.ofSeconds(15);

    /** Two of three may be missed. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Books books;
    private final Set<Kept> open = ConcurrentHashMap.newKeySet();

    Keeper(Books books) {
        this.books = books;
    }

    /** One call under way. */
    final class Kept implements AutoCloseable {
        private final Account account;
        private final String key;
        private final String owner;

        private Kept(Account account, String key, String owner) {
            this.account = account;
            this.key = key;
            this.owner = owner;
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }

    Kept keep(ModelCall call, String owner) {
        var kept = new Kept(call.account(), call.key(), owner);
        open.add(kept);
        return kept;
    }

    /** To be called each {@link #INTERVAL}. */
    void renew() {
        for (Kept kept : open) {
            if (!books.keep(kept.account, kept.key, kept.owner, LEASE)) {
                LOG.warnf(
                        "run=%s step=%s: this process stood still for longer than %s; another may buy the same answer",
                        kept.account.run(), kept.account.step(), LEASE);
            }
        }
    }
}

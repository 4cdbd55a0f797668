package dev.sluice.dispatch;

import dev.sluice.queue.Dispatchers;
import dev.sluice.queue.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The partitions whose tasks this dispatcher takes. Every dispatcher reckons by itself which partition falls to whom
 * (rendezvous hashing: the one with the highest number for it), so that few change hands when one comes or goes; a
 * lease with a fencing token makes sure that no two have the same.
 */
final class Holdings {
    private static final Logger LOG = Logger.getLogger(Holdings.class);

    private final Dispatchers dispatchers;
    private final Supplier<List<Partition>> partitions;
    private final String name;
    private final Duration lasts;
    /** Written only by {@link #renew} and {@link #giveBack}. */
    private volatile Map<Partition, Long> tokens = Map.of();

    /** @param lasts how long a dispatcher that shows no sign of life keeps its partitions */
    Holdings(Dispatchers dispatchers, Supplier<List<Partition>> partitions, String name, Duration lasts) {
        this.dispatchers = dispatchers;
        this.partitions = partitions;
        this.name = name;
        this.lasts = lasts;
    }

    /**
     * Keeps what falls to this dispatcher, takes what is new, and gives back what falls to others now.
     *
     * @return the partitions that it did not have before
     */
    synchronized List<Partition> renew() {
        List<String> members = dispatchers.join(name, lasts);
        List<Partition> own =
                partitions.get().stream().filter(p -> falls(p, members)).toList();
        Map<Partition, Long> before = tokens;
        var others = new HashMap<>(before);
        own.forEach(others::remove);
        // Not taken from any more before another may.
        if (!others.isEmpty()) tokens = without(before, others);
        dispatchers.release(others);
        tokens = Map.copyOf(dispatchers.serve(own, before, lasts));
        var gained = new ArrayList<>(tokens.keySet());
        gained.removeAll(before.keySet());
        if (!gained.isEmpty() || !others.isEmpty()) {
            LOG.infof(
                    "dispatcher %s serves %d of %d partitions",
                    name, tokens.size(), partitions.get().size());
        }
        return gained;
    }

    private static Map<Partition, Long> without(Map<Partition, Long> all, Map<Partition, Long> some) {
        var rest = new HashMap<>(all);
        rest.keySet().removeAll(some.keySet());
        return Map.copyOf(rest);
    }

    /** For good: others serve them from now on. */
    synchronized void giveBack() {
        Map<Partition, Long> before = tokens;
        tokens = Map.of();
        dispatchers.leave(name);
        dispatchers.release(before);
    }

    List<Partition> all() {
        return List.copyOf(tokens.keySet());
    }

    boolean has(Partition partition) {
        return tokens.containsKey(partition);
    }

    /** Empty when another dispatcher has the partition, or nobody. */
    OptionalLong token(Partition partition) {
        Long token = tokens.get(partition);
        return token == null ? OptionalLong.empty() : OptionalLong.of(token);
    }

    private boolean falls(Partition partition, List<String> members) {
        long own = number(name, partition);
        for (String member : members) {
            long number = number(member, partition);
            if (number > own || number == own && member.compareTo(name) > 0) return false;
        }
        return true;
    }

    /** FNV-1a over both names, and a finish that spreads what differs in the last characters over all bits. */
    private static long number(String member, Partition partition) {
        String text = member + "\n" + partition.tag();
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        hash = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L;
        return hash ^ hash >>> 32;
    }
}

package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import java.util.LinkedHashSet;
import java.util.Set;

/** Partitions that wait for their turn, each once, first come first served. */
final class Turns {
    private final Set<Partition> partitions = new LinkedHashSet<>();

    synchronized void add(Partition partition) {
        partitions.add(partition);
    }

    synchronized int size() {
        return partitions.size();
    }

    /** @return null when none waits */
    synchronized Partition poll() {
        var first = partitions.iterator();
        if (!first.hasNext()) return null;
        Partition partition = first.next();
        first.remove();
        return partition;
    }
}

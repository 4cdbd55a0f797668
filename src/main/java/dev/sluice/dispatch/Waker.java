package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Wakes the orchestrator. At most one wake-up for a partition is under way; whatever is asked for meanwhile makes one
 * more after it.
 */
final class Waker {
    private static final Logger LOG = Logger.getLogger(Waker.class);

    private final Consumer<Partition> orchestrator;
    private final ExecutorService threads;
    /** Wake-ups asked for and not yet answered: 0 rests, 1 under way, more: once more after it. */
    private final Map<Partition, AtomicInteger> asked = new ConcurrentHashMap<>();

    /** @param orchestrator drains the partition; blocks until it has */
    Waker(Consumer<Partition> orchestrator, ExecutorService threads) {
        this.orchestrator = orchestrator;
        this.threads = threads;
    }

    /** Never blocks. */
    void wake(Partition partition) {
        AtomicInteger count = asked.computeIfAbsent(partition, p -> new AtomicInteger());
        if (count.getAndIncrement() == 0) threads.execute(() -> untilAnswered(partition, count));
    }

    private void untilAnswered(Partition partition, AtomicInteger count) {
        int seen;
        do {
            seen = count.get();
            try {
                orchestrator.accept(partition);
            } catch (RuntimeException | Error e) {
                // Of any kind: a wake-up that ended otherwise would count as under way for ever, and none would follow.
                LOG.warnf("the orchestrator cannot be woken (%s); the sweep tries again", e.getMessage());
            }
        } while (!count.compareAndSet(seen, 0));
    }
}

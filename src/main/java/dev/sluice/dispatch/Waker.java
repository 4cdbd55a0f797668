package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Wakes the orchestrator by a CloudEvent that names the partition. At most one wake-up for a partition is under way;
 * whatever is asked for meanwhile makes one more after it.
 */
final class Waker {
    private static final Logger LOG = Logger.getLogger(Waker.class);

    /** One minute: an orchestrator that takes longer has hung; its ownership has ended long before. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final URI url;
    private final Http http;
    private final ExecutorService threads;
    private final String source;
    private final AtomicLong sent = new AtomicLong();
    /** Wake-ups asked for and not yet answered: 0 rests, 1 under way, more: once more after it. */
    private final Map<Partition, AtomicInteger> asked = new ConcurrentHashMap<>();

    Waker(URI url, Http http, ExecutorService threads, String source) {
        this.url = url;
        this.http = http;
        this.threads = threads;
        this.source = source;
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
            send(partition);
        } while (!count.compareAndSet(seen, 0));
    }

    private void send(Partition partition) {
        var headers = Map.of(
                "ce-specversion", "1.0",
                "ce-type", "orchestrate",
                "ce-id", source + "-" + sent.incrementAndGet(),
                "ce-source", "/dispatchers/" + source,
                "content-type", "application/json");
        byte[] body = ("{\"partition\":\"" + partition.tag() + "\"}").getBytes(StandardCharsets.UTF_8);
        try (Http.Answer answer = http.post(url, headers, body, TIMEOUT)) {
            if (answer.status() / 100 != 2) {
                LOG.warnf("the orchestrator at %s answered %d; the sweep tries again", url, answer.status());
            }
        } catch (RuntimeException | Error e) {
            // Of any kind: a wake-up that ended otherwise would count as under way for ever, and none would follow it.
            LOG.warnf("the orchestrator cannot be woken (%s); the sweep tries again", e.getMessage());
        }
    }
}

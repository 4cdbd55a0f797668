package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Wakes an orchestrator in another process by a CloudEvent that names the partition. Blocks until it is drained. */
final class WakeByEvent implements Consumer<Partition> {
    private static final Logger LOG = Logger.getLogger(WakeByEvent.class);

    /** One minute: an orchestrator that takes longer has hung; its ownership has ended long before. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final URI url;
    private final Http http;
    private final String source;
    private final AtomicLong sent = new AtomicLong();

    WakeByEvent(URI url, Http http, String source) {
        this.url = url;
        this.http = http;
        this.source = source;
    }

    @Override
    public void accept(Partition partition) {
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
        }
    }
}

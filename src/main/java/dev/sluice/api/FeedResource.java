package dev.sluice.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.queue.Channels;
import dev.sluice.store.RunIndex;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Server-sent events {@code run} with the summary of each run that changes. What a reader missed it reads from the
 * list.
 */
@Path("/v1/feed")
@Singleton
public class FeedResource {
    private static final Logger LOG = Logger.getLogger(FeedResource.class);

    /** 15 s: proxies close a connection on which nothing moves for half a minute. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /**
     * The first comment comes at once: it makes the headers go out, by which the browser knows that it is connected.
     */
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    /** 1,000 changes wait for a reader that is slow; then its stream ends, and it connects again and reads the list. */
    private static final int WAITING_MAX = 1_000;

    private final BroadcastProcessor<Views.RunSummary> changes = BroadcastProcessor.create();
    private final ObjectMapper json;
    private final RunIndex runs;
    private final ExecutorService threads;
    private final AtomicInteger readers = new AtomicInteger();
    /** Runs that changed and are not read yet: one that changes often is read once. */
    private final Set<String> changed = new LinkedHashSet<>();

    private boolean isTelling;

    FeedResource(ObjectMapper json, RunIndex runs, @VirtualThreads ExecutorService threads) {
        this.json = json;
        this.runs = runs;
        this.threads = threads;
    }

    /** Listens to Redis; called once at start. */
    public void start(Channels channels) {
        channels.onChange(this::note);
    }

    /** On an event loop: must not block. Does nothing unless somebody reads. */
    private void note(String runIds) {
        if (readers.get() == 0) return;
        synchronized (changed) {
            changed.addAll(List.of(runIds.split(" ")));
            if (!isTelling) threads.execute(this::tell);
            isTelling = true;
        }
    }

    private void tell() {
        for (List<String> ids = take(); !ids.isEmpty(); ids = take()) {
            try {
                runs.heads(ids).forEach(head -> changes.onNext(Views.RunSummary.of(head)));
            } catch (RuntimeException e) {
                LOG.warnf("the feed misses %d changes (%s); its readers find them in the list", ids.size(), e);
            }
        }
    }

    private List<String> take() {
        synchronized (changed) {
            var ids = List.copyOf(changed);
            changed.clear();
            isTelling = !ids.isEmpty();
            return ids;
        }
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<OutboundSseEvent> follow(@Context Sse sse) {
        var runs = changes.onSubscription()
                .invoke(readers::incrementAndGet)
                .onTermination()
                .invoke(readers::decrementAndGet)
                .onOverflow()
                .buffer(WAITING_MAX)
                .map(run -> sse.newEventBuilder().name("run").data(text(run)).build());
        var beats = Multi.createFrom()
                .ticks()
                .startingAfter(AT_ONCE)
                .every(HEARTBEAT)
                .onOverflow()
                .drop()
                .map(tick -> sse.newEventBuilder().comment("live").build());
        return Multi.createBy().merging().streams(runs, beats);
    }

    private String text(Views.RunSummary run) {
        try {
            return json.writeValueAsString(run);
        } catch (JsonProcessingException e) {
            LOG.errorf(e, "run=%s cannot be shown in the feed", run.id());
            return "{}";
        }
    }
}

package dev.sluice.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.queue.Channels;
import dev.sluice.store.RunHead;
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

    FeedResource(ObjectMapper json) {
        this.json = json;
    }

    /** Listens to Redis; called once at start. */
    public void start(Channels channels) {
        channels.onChange(head -> changes.onNext(Views.RunSummary.of(RunHead.decode(head))));
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<OutboundSseEvent> follow(@Context Sse sse) {
        var runs = changes.onOverflow()
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

package dev.sluice.api;

import dev.sluice.store.Schedules;
import dev.sluice.store.Subscriptions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Takes CloudEvents (1.0; binary and structured mode, HTTP binding), hands them to the runs that listen and starts
 * every workflow that has them under {@code schedule.on}. The event's {@code source} and {@code id} are the idempotency
 * key: an event that is sent again starts nothing again.
 */
@Path("/v1/events")
@RunOnVirtualThread
public class EventsResource {
    private final Subscriptions subscriptions;
    private final Schedules schedules;

    EventsResource(Subscriptions subscriptions, Schedules schedules) {
        this.subscriptions = subscriptions;
        this.schedules = schedules;
    }

    /**
     * @return 202 and the runs that it started; an event that nobody takes is refused with SL2008, so that it is not
     *     lost in silence
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Views.Batch> take(@Context HttpHeaders headers, byte[] body) {
        CloudEventIn event = CloudEventIn.read(headers, body);
        boolean listened = subscriptions.publish(event.envelope());
        Schedules.Heard heard = schedules.startBy(event.envelope());
        if (!listened && !heard.byAnyone()) {
            throw Problem.of(
                            Code.SL2008,
                            "no run listens to an event of type '" + event.type()
                                    + "', and no deployed workflow has it under schedule.on")
                    .asException();
        }
        var started =
                heard.runs().stream().map(run -> Views.Started.of(run, null)).toList();
        List<ProblemException> refusals = heard.refusals();
        boolean refusedByAll = started.isEmpty() && !listened && !heard.collected();
        if (refusedByAll) throw refusals.getFirst();
        var refused = refusals.stream()
                .map(e -> new Views.Refused(null, e.problem().toJson()))
                .toList();
        return RestResponse.ResponseBuilder.<Views.Batch>create(RestResponse.Status.ACCEPTED)
                .entity(new Views.Batch(started, refused))
                .build();
    }
}

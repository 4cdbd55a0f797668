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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Takes CloudEvents (1.0; binary, structured and batch mode, HTTP binding), starts every workflow that subscribes to
 * the type by {@code schedule.on}, and hands them to the runs that listen. The event's {@code source} and {@code id}
 * are the idempotency key: an event that is sent again starts nothing again and is heard once.
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

    /** What has become of the events so far. */
    private static final class Tally {
        private final List<Views.Started> started = new ArrayList<>();
        private final List<ProblemException> problems = new ArrayList<>();
        private final List<Views.Refused> refused = new ArrayList<>();
        private boolean listeners;
        private boolean collected;

        void refuse(CloudEventIn event, ProblemException e) {
            problems.add(e);
            refused.add(new Views.Refused(event.id(), e.problem().toJson()));
        }
    }

    /**
     * A broker of Knative takes an answer for the next event, and one that is neither an event nor empty for a failure,
     * after which it sends the event again and again. It says so by this header.
     */
    private static boolean wantsReply(HttpHeaders headers) {
        return headers.getRequestHeader("Prefer").stream()
                .flatMap(value -> Stream.of(value.split(",")))
                .anyMatch(preference -> preference.strip().equalsIgnoreCase("reply"));
    }

    /**
     * @return 202 and the runs that were started, and whether any run may be listening; an event that nobody takes at
     *     all is refused with SL2008, so that it is not lost in silence. With {@code Prefer: reply}, 202 and no body
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Views.Taken> take(@Context HttpHeaders headers, byte[] body) {
        var tally = new Tally();
        for (CloudEventIn event : CloudEventIn.readAll(headers, body)) take(event, tally);
        boolean taken = tally.listeners || tally.collected || !tally.started.isEmpty();
        if (!taken) throw tally.problems.getFirst();
        if (wantsReply(headers)) return RestResponse.accepted();
        return RestResponse.ResponseBuilder.<Views.Taken>create(RestResponse.Status.ACCEPTED)
                .entity(new Views.Taken(tally.started, tally.refused, tally.listeners, tally.collected))
                .build();
    }

    private void take(CloudEventIn event, Tally tally) {
        boolean heard = subscriptions.publish(event.envelope());
        tally.listeners |= heard;
        Schedules.Heard started = schedules.startBy(event.envelope(), true);
        if (!heard && !started.byAnyone()) {
            tally.refuse(
                    event,
                    Problem.of(
                                    Code.SL2008,
                                    "no deployed workflow has an event of type '" + event.type()
                                            + "' under schedule.on, and no run listens for one")
                            .asException());
        }
        tally.collected |= started.collected();
        started.runs().forEach(run -> tally.started.add(Views.Started.of(run, null)));
        started.refusals().forEach(e -> tally.refuse(event, e));
    }
}

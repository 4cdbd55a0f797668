package dev.sluice.api;

import dev.sluice.store.Schedules;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;

/** The workflows that start by themselves. */
@Path("/v1/schedules")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class SchedulesResource {
    private final Schedules schedules;

    SchedulesResource(Schedules schedules) {
        this.schedules = schedules;
    }

    @GET
    public DutyViews.ScheduleList list() {
        return new DutyViews.ScheduleList(
                schedules.all().stream().map(DutyViews.Schedule::of).toList());
    }

    /** No run starts by itself until the schedule is resumed; runs under way go on. Repeating it changes nothing. */
    @POST
    @Path("/{workflow}/pause")
    public void pause(@PathParam("workflow") String workflow) {
        schedules.pause(workflow);
    }

    /** What fell into the pause is not made up for. */
    @POST
    @Path("/{workflow}/resume")
    public void resume(@PathParam("workflow") String workflow) {
        schedules.resume(workflow);
    }

    /** Starts a run at once, paused or not; what is due stays due. @return 202 and the run */
    @POST
    @Path("/{workflow}/trigger")
    public RestResponse<Views.Started> trigger(@PathParam("workflow") String workflow) {
        Views.Started started = Views.Started.of(schedules.trigger(workflow), null);
        return RestResponse.ResponseBuilder.<Views.Started>create(RestResponse.Status.ACCEPTED)
                .entity(started)
                .location(URI.create(started.location()))
                .build();
    }
}

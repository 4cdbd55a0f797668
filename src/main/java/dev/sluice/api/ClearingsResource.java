package dev.sluice.api;

import dev.sluice.store.Clearing;
import dev.sluice.store.Clearing.Action;
import dev.sluice.store.Clearings;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Clearings: redrives and drops of all dead letters that a filter means, at a bounded rate. They go on when a server
 * ends, and each letter is done once.
 */
@Path("/v1/dead-letters")
@RunOnVirtualThread
@Consumes(MediaType.WILDCARD)
@Produces(MediaType.APPLICATION_JSON)
public class ClearingsResource {
    private final Clearings clearings;
    private final Clock clock;

    ClearingsResource(Clearings clearings, Clock clock) {
        this.clearings = clearings;
        this.clock = clock;
    }

    /** {@code {"filter", "rate", "revision"}}; @return 202 and {@code Location} of the clearing */
    @POST
    @Path("/redrive")
    public RestResponse<LetterViews.Cleared> redrive(
            @HeaderParam("Idempotency-Key") Optional<String> key, byte[] body) {
        return begin(Action.REDRIVE, key, body);
    }

    /** {@code {"filter", "rate", "reason"}}; @return 202 and {@code Location} of the clearing */
    @POST
    @Path("/drop")
    public RestResponse<LetterViews.Cleared> drop(@HeaderParam("Idempotency-Key") Optional<String> key, byte[] body) {
        return begin(Action.DROP, key, body);
    }

    private RestResponse<LetterViews.Cleared> begin(Action action, Optional<String> key, byte[] body) {
        key.ifPresent(Starts::checkKey);
        Clearing.Plan plan = LetterFilter.plan(action, body, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        long atMost = clearings.atMost(plan);
        var view = LetterViews.Cleared.of(clearings.begin(plan, key), atMost);
        return RestResponse.ResponseBuilder.<LetterViews.Cleared>create(RestResponse.Status.ACCEPTED)
                .entity(view)
                .location(URI.create(view.location()))
                .build();
    }

    /** The latest first, at most 100. */
    @GET
    @Path("/clearings")
    public LetterViews.ClearedList list() {
        return new LetterViews.ClearedList(clearings.all().stream()
                .map(clearing -> LetterViews.Cleared.of(clearing, null))
                .toList());
    }

    @GET
    @Path("/clearings/{id}")
    public LetterViews.Cleared get(@PathParam("id") String id) {
        return LetterViews.Cleared.of(clearings.find(id).orElseThrow(() -> unknown(id)), null);
    }

    /** What it has not come to stays as it is. Stopping one that has ended does nothing. */
    @POST
    @Path("/clearings/{id}/stop")
    public LetterViews.Cleared stop(@PathParam("id") String id) {
        return LetterViews.Cleared.of(clearings.stop(id).orElseThrow(() -> unknown(id)), null);
    }

    private static ProblemException unknown(String id) {
        return Problem.of(
                        Code.SL2042,
                        "there is no clearing '" + id + "'. GET /v1/dead-letters/clearings lists the latest.")
                .asException();
    }
}

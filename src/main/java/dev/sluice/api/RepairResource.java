package dev.sluice.api;

import dev.sluice.store.Invariant;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.jboss.resteasy.reactive.RestResponse;

/** Has one run make anew whatever wakes it. */
@Path("/v1/runs/{id}/repair")
@RunOnVirtualThread
public class RepairResource {
    private final Invariant invariant;

    RepairResource(Invariant invariant) {
        this.invariant = invariant;
    }

    /** @return 202: the run takes it in like any event */
    @POST
    public RestResponse<Void> repair(@PathParam("id") String id) {
        invariant.repair(id);
        return RestResponse.accepted();
    }
}

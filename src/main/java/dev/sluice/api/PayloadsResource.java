package dev.sluice.api;

import dev.sluice.store.Payloads;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Content by reference, for functions that get a reference as input. */
@Path("/v1/payloads")
@RunOnVirtualThread
public class PayloadsResource {
    private final Payloads payloads;

    PayloadsResource(Payloads payloads) {
        this.payloads = payloads;
    }

    /** The content never changes. It is never shown by a browser, since it may be anything that anybody uploaded. */
    @GET
    @Path("/{ref}")
    public Response get(@PathParam("ref") String ref) {
        var file = payloads.find(ref)
                .orElseThrow(() -> Problem.of(Code.SL2015, "there is no payload '" + ref + "'")
                        .asException());
        return Response.ok(file.toFile(), MediaType.APPLICATION_OCTET_STREAM)
                .header("Content-Disposition", "attachment; filename=\"" + ref + "\"")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "private, max-age=31536000, immutable")
                .header("ETag", '"' + ref + '"')
                .build();
    }
}

package dev.sluice.api;

import dev.sluice.store.Payloads;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Content by reference, for functions that get a reference as input, and for processes without a disk. */
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
        Object content = payloads.find(ref)
                .<Object>map(java.nio.file.Path::toFile)
                .or(() -> payloads.fetch(ref))
                .orElseThrow(() -> Problem.of(Code.SL2015, "there is no payload '" + ref + "'")
                        .asException());
        return Response.ok(content, MediaType.APPLICATION_OCTET_STREAM)
                .header("Content-Disposition", "attachment; filename=\"" + ref + "\"")
                .header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "private, max-age=31536000, immutable")
                .header("ETag", '"' + ref + '"')
                .build();
    }

    /**
     * For processes of this deployment that have no disk in common with this one ({@code sluice.payloads.remote}).
     * Sending the same again changes nothing.
     *
     * @return 204 when the content is on disk; SL2014 when it is not what {@code ref} names
     */
    @PUT
    @Path("/{ref}")
    @Consumes(MediaType.WILDCARD)
    public void put(@PathParam("ref") String ref, byte[] body) {
        byte[] content = body == null ? new byte[0] : body;
        String name = Payloads.ref(content);
        if (!name.equals(ref)) {
            throw Problem.of(Code.SL2014, "the content is called " + name + ", not '" + ref + "'")
                    .asException();
        }
        payloads.put(content);
    }
}

package dev.sluice.api;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.Optional;

/**
 * One order for up to 10,000 runs: {@code {"action", "ids" | "filter", "step", "input", "reason", "revision",
 * "cursor"}}. The answer is one JSON object a line, written while the work goes on: {@code id}, {@code outcome}
 * ({@code accepted}, {@code refused}, {@code unknown}), for a fork the new {@code run}, for a refusal its
 * {@code problem}. When a filter means more, the last line is {@code {"next": cursor}}.
 */
@Path("/v1/runs")
@RunOnVirtualThread
public class BulkResource {
    private final Bulk bulk;

    BulkResource(Bulk bulk) {
        this.bulk = bulk;
    }

    @POST
    @Path("/bulk")
    @Consumes(MediaType.WILDCARD)
    @Produces("application/x-ndjson")
    public Response carryOut(@HeaderParam("Idempotency-Key") Optional<String> key, byte[] body) {
        Bulk.Request request = Bulk.read(body);
        key.ifPresent(Starts::checkKey);
        Listing.Found first = bulk.first(request);
        StreamingOutput lines = out -> bulk.carryOut(request, first, key, out);
        return Response.ok(lines).build();
    }
}

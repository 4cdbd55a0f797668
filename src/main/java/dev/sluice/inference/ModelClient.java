package dev.sluice.inference;

import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * The OpenAI protocol, for answers that come whole. Bytes go in and out, so that nothing needs reflection natively.
 * Each gives a Uni, because only that can be bounded as a whole: the client's read timeout starts again with every
 * byte.
 */
@Path("/")
@Consumes(MediaType.APPLICATION_JSON)
interface ModelClient {
    /**
     * @param authorization whole value of the header; null leaves it out
     * @param exchange by which the line of the ledger and the endpoint's own log are found
     */
    @POST
    @Path("chat/completions")
    Uni<Response> chat(
            @HeaderParam("Authorization") String authorization,
            @HeaderParam("X-Client-Request-Id") String exchange,
            @HeaderParam("traceparent") String traceparent,
            byte[] request);

    @POST
    @Path("embeddings")
    Uni<Response> embeddings(
            @HeaderParam("Authorization") String authorization,
            @HeaderParam("X-Client-Request-Id") String exchange,
            @HeaderParam("traceparent") String traceparent,
            byte[] request);
}

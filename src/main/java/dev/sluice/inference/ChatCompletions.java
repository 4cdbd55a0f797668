package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** The OpenAI chat-completions protocol. Trees go in and text comes out, so that nothing needs reflection natively. */
@Path("/chat/completions")
interface ChatCompletions {
    /**
     * A Uni, because only that can be bounded as a whole: the client's read timeout starts again with every byte.
     *
     * @param authorization whole value of the header; null leaves it out
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    Uni<Response> complete(@HeaderParam("Authorization") String authorization, JsonNode request);
}

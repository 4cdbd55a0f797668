package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.OfflineModel.Reply;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Serves {@link OfflineModel} over HTTP, so that it is reached by the same client as every other endpoint. */
@Path(OfflineResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
public class OfflineResource {
    static final String PATH = "/offline/v1";

    private final ObjectMapper json;

    @Inject
    OfflineResource(ObjectMapper json) {
        this.json = json;
    }

    /** Read as text, so that a malformed body gets an answer in OpenAI's error form. */
    @POST
    @Path("/chat/completions")
    @Consumes(MediaType.WILDCARD)
    @RunOnVirtualThread
    public Response complete(String body) {
        Reply reply = reply(body);
        return Response.status(reply.status()).entity(reply.body()).build();
    }

    @GET
    @Path("/models")
    @RunOnVirtualThread
    public ObjectNode models() {
        return OfflineModel.models();
    }

    private Reply reply(String body) {
        try {
            return OfflineModel.complete(json.readTree(body == null ? "" : body));
        } catch (JsonProcessingException notJson) {
            return new Reply(400, OfflineModel.error("the request is not JSON: " + notJson.getOriginalMessage()));
        }
    }
}

package dev.sluice.api;

import dev.sluice.store.Definitions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Deploying and checking workflow documents, YAML or JSON. What is wrong with one is refused with 422, SL3001 or
 * SL3002, and the member {@code errors}: each of {@code line}, {@code column}, {@code pointer}, {@code message}.
 */
@Path("/v1/workflows")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeploymentsResource {
    private final Definitions definitions;
    private final Starts starts;

    DeploymentsResource(Definitions definitions, Starts starts) {
        this.definitions = definitions;
        this.starts = starts;
    }

    /**
     * Makes the document the latest revision of its workflow; runs in flight stay on theirs.
     *
     * @return 201 and {@code Location}; 200 when this very revision had been deployed before
     */
    @POST
    @Consumes({
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        MediaType.APPLICATION_JSON,
        MediaType.TEXT_PLAIN,
        MediaType.APPLICATION_OCTET_STREAM
    })
    public RestResponse<Views.Deployed> deploy(byte[] body) {
        var deployment = definitions.deploy(text(body));
        return RestResponse.ResponseBuilder.<Views.Deployed>create(deployment.created() ? 201 : 200)
                .entity(Views.Deployed.of(deployment))
                .location(URI.create("/v1/workflows/" + deployment.definition().qualifiedName()))
                .build();
    }

    /** Checks the document as deploying it would, and does nothing else. */
    @POST
    @Path("/validate")
    @Consumes({
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        MediaType.APPLICATION_JSON,
        MediaType.TEXT_PLAIN,
        MediaType.APPLICATION_OCTET_STREAM
    })
    public Views.Checked validate(byte[] body) {
        return Views.Checked.of(definitions.check(text(body)));
    }

    /** @param name alone or as {@code namespace.name} */
    @GET
    @Path("/{name}/revisions")
    public Views.RevisionList revisions(@PathParam("name") String name) {
        return new Views.RevisionList(
                definitions.revisions(starts.workflow(name).qualifiedName()));
    }

    private static String text(byte[] body) {
        if (body.length > DefinitionReader.DOCUMENT_BYTES_MAX) {
            throw Problem.of(
                            Code.SL2006,
                            "the body has " + body.length + " bytes; a workflow document may have "
                                    + DefinitionReader.DOCUMENT_BYTES_MAX + " (1 MiB)")
                    .asException();
        }
        return DefinitionReader.text(body);
    }
}

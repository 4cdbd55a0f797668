package dev.sluice.api;

import dev.sluice.store.Definitions;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** Workflows, and starting them by JSON or by upload. */
@Path("/v1/workflows")
@RunOnVirtualThread
public class WorkflowsResource {
    private final Definitions definitions;
    private final Starts starts;
    private final Uploads uploads;

    WorkflowsResource(Definitions definitions, Starts starts, Uploads uploads) {
        this.definitions = definitions;
        this.starts = starts;
        this.uploads = uploads;
    }

    /** Of every run that the request starts, see {@link StartTerms}. */
    public static class Terms {
        @QueryParam("tenant")
        @DefaultValue("")
        public String tenant;

        @QueryParam("priority")
        @DefaultValue("")
        public String priority;

        @QueryParam("delay")
        @DefaultValue("")
        public String delay;

        @QueryParam("startAt")
        @DefaultValue("")
        public String startAt;

        StartTerms read() {
            return new StartTerms(tenant, priority, delay, startAt);
        }
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Views.WorkflowList list() {
        return new Views.WorkflowList(
                definitions.all().stream().map(Views.Workflow::of).toList());
    }

    /**
     * The document as it was deployed.
     *
     * @param name alone or as {@code namespace.name}
     * @param revision the latest when null
     */
    @GET
    @Path("/{name}")
    @Produces("application/yaml")
    public String document(@PathParam("name") String name, @QueryParam("revision") String revision) {
        var latest = starts.workflow(name);
        return revision == null
                ? latest.source()
                : definitions.revision(latest.qualifiedName(), revision).source();
    }

    /**
     * Starts one run; the body is its input. Many runs in one request: see {@link Batch}.
     *
     * @return 202 and {@code Location}
     */
    @POST
    @Path("/{name}/runs")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Views.Started> start(
            @PathParam("name") String name,
            @HeaderParam("Idempotency-Key") Optional<String> key,
            @BeanParam Terms terms,
            byte[] body) {
        var workflow = starts.workflow(name);
        String id = starts.start(workflow, Body.json(body), key, terms.read());
        return RestResponse.ResponseBuilder.<Views.Started>create(RestResponse.Status.ACCEPTED)
                .entity(Views.Started.of(id, null))
                .location(URI.create("/v1/runs/" + id))
                .build();
    }

    /**
     * Starts one run for each file, whatever the names of the parts. A file that is refused does not hold up the
     * others.
     *
     * @param key made different for each file by its position
     * @return 202 when at least one file was accepted; 429 when all may be, later
     */
    @POST
    @Path("/{name}/runs")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Produces(MediaType.APPLICATION_JSON)
    public RestResponse<Views.Batch> upload(
            @PathParam("name") String name,
            @HeaderParam("Idempotency-Key") Optional<String> key,
            @BeanParam Terms terms,
            @RestForm(FileUpload.ALL) List<FileUpload> files) {
        var workflow = starts.workflow(name);
        if (files == null || files.isEmpty()) {
            throw Problem.of(
                            Code.SL2005,
                            "the form has no part with a file. Send one or more, as curl -F file=@letter.pdf does")
                    .asException();
        }
        var started = new ArrayList<Views.Started>();
        var refused = new ArrayList<ProblemException>();
        var refusals = new ArrayList<Views.Refused>();
        for (int i = 0; i < files.size(); i++) {
            FileUpload file = files.get(i);
            String position = "#" + i;
            try {
                String id = starts.start(workflow, uploads.input(file), key.map(k -> k + position), terms.read());
                started.add(Views.Started.of(id, Uploads.name(file)));
            } catch (ProblemException e) {
                refused.add(e);
                refusals.add(new Views.Refused(Uploads.name(file), e.problem().toJson()));
            }
        }
        if (files.size() == 1 && !refused.isEmpty()) throw refused.getFirst();
        var response = RestResponse.ResponseBuilder.<Views.Batch>create(started.isEmpty() ? status(refused) : 202)
                .entity(new Views.Batch(started, refusals));
        if (started.size() == 1) response.location(URI.create(started.getFirst().location()));
        return response.build();
    }

    private static int status(List<ProblemException> refused) {
        boolean later = refused.stream().allMatch(e -> e.problem().retryable());
        return later ? refused.getFirst().problem().status() : 422;
    }
}

package dev.sluice.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.DeadLetter;
import dev.sluice.store.DeadLetters;
import dev.sluice.store.LetterQuery;
import dev.sluice.store.Redriver;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** What was given up on: found, looked at, redriven and dropped one by one; many: {@link ClearingsResource}. */
@Path("/v1/dead-letters")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class DeadLettersResource {
    private static final Set<String> PAGING = Set.of("limit", "cursor");

    private final DeadLetters letters;
    private final Redriver redriver;
    private final LetterContext context;

    DeadLettersResource(DeadLetters letters, Redriver redriver, LetterContext context) {
        this.letters = letters;
        this.redriver = redriver;
        this.context = context;
    }

    /**
     * The latest first. Beside {@code limit} (1 to 200) and {@code cursor} the query may have {@code kind workflow
     * function code tenant from until}. A page may have fewer than asked for and still a next one.
     */
    @GET
    public LetterViews.Page list(
            @Context UriInfo uri,
            @QueryParam("limit") @DefaultValue("50") String limit,
            @QueryParam("cursor") Optional<String> cursor) {
        ObjectNode filter = JsonNodeFactory.instance.objectNode();
        uri.getQueryParameters().forEach((name, values) -> {
            if (!PAGING.contains(name)) filter.put(name, values.getFirst());
        });
        LetterQuery query = LetterFilter.query(filter);
        try {
            DeadLetters.Page page = letters.latest(query, cursor, RunsResource.limit(limit));
            return new LetterViews.Page(
                    page.letters().stream().map(LetterViews.Letter::of).toList(),
                    page.next().orElse(null));
        } catch (IllegalArgumentException e) {
            throw RunsResource.invalid(e.getMessage());
        }
    }

    /** All of them; a query, which would seem to count some, is refused. */
    @GET
    @Path("/counts")
    public LetterViews.Counts counts(@Context UriInfo uri) {
        LetterFilter.refuseAll(uri.getQueryParameters().keySet());
        return LetterViews.Counts.of(letters.counts());
    }

    @GET
    @Path("/{id}")
    public LetterViews.Context get(@PathParam("id") String id) {
        return context.of(find(id), letters.redrivenAt(id));
    }

    /**
     * {@code {"revision"}}: a revision of the run's workflow or {@code latest}; without it the run stays on its own. An
     * entry goes back into its stream.
     *
     * @return 202; the run takes it in next
     */
    @POST
    @Path("/{id}/redrive")
    @Consumes(MediaType.WILDCARD)
    public RestResponse<LetterViews.Redriven> redrive(@PathParam("id") String id, byte[] body) {
        String revision = LetterFilter.revision(body);
        DeadLetter letter = find(id);
        return switch (redriver.redrive(letter, revision, "")) {
            case DONE -> redriven(letter, "accepted");
            case REPEATED -> redriven(letter, "repeated");
            case GONE -> throw unknown(id);
        };
    }

    private static RestResponse<LetterViews.Redriven> redriven(DeadLetter letter, String outcome) {
        boolean ofRun = letter.kind() != DeadLetter.Kind.ENTRY;
        return RestResponse.ResponseBuilder.<LetterViews.Redriven>create(RestResponse.Status.ACCEPTED)
                .entity(new LetterViews.Redriven(letter.id(), outcome, ofRun ? "/v1/runs/" + letter.run() : null))
                .build();
    }

    /** {@code {"reason"}}. The run stays failed, and its history has the reason. @return 204 */
    @POST
    @Path("/{id}/drop")
    @Consumes(MediaType.WILDCARD)
    public void drop(@PathParam("id") String id, byte[] body) {
        String reason = LetterFilter.reason(body);
        if (redriver.drop(find(id), reason, "") == Redriver.Outcome.GONE) throw unknown(id);
    }

    private DeadLetter find(String id) {
        return letters.find(id).orElseThrow(() -> unknown(id));
    }

    private static ProblemException unknown(String id) {
        return Problem.of(
                        Code.SL2040,
                        "there is no dead letter '" + id
                                + "' (any more: what is redriven or dropped is gone). GET /v1/dead-letters lists those"
                                + " there are.")
                .asException();
    }
}

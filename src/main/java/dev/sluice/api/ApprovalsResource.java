package dev.sluice.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
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
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestForm;

/**
 * Questions to persons, from {@code listen} steps with {@code metadata.approval}. Who has the link of a question may
 * answer it, once. A browser gets a page, everything else JSON.
 */
@Path("/v1/approvals")
@RunOnVirtualThread
public class ApprovalsResource {
    private static final String HTML = "text/html";
    private static final String HTML_UTF8 = "text/html;charset=UTF-8";

    private final Questions questions;

    ApprovalsResource(Questions questions) {
        this.questions = questions;
    }

    /** The open questions, the newest first. @param limit 1 to 200 */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Views.QuestionPage list(
            @QueryParam("limit") @DefaultValue("50") String limit, @QueryParam("cursor") Optional<String> cursor) {
        int most = RunsResource.limit(limit);
        try {
            return questions.page(cursor, most);
        } catch (IllegalArgumentException e) {
            throw RunsResource.invalid(e.getMessage());
        }
    }

    /** What is asked, also after it was answered. */
    @GET
    @Path("/{token}")
    public Response show(@PathParam("token") String token, @HeaderParam("Accept") @DefaultValue("") String accept) {
        return accept.contains(HTML)
                ? page(() -> guarded(Response.ok(ApprovalPage.of(questions.show(token)), HTML_UTF8)))
                : guarded(Response.ok(questions.show(token), MediaType.APPLICATION_JSON));
    }

    /**
     * {@code {"approved", "by", "comment"}}; the run gets the whole body as the data of the answer.
     *
     * @return 202; SL2023 when it was answered before, SL2024 after the deadline
     */
    @POST
    @Path("/{token}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response answer(@PathParam("token") String token, byte[] body) {
        return guarded(
                Response.accepted(questions.answer(token, Order.object(body))).type(MediaType.APPLICATION_JSON));
    }

    /** From the page: then the page again, with the answer. */
    @POST
    @Path("/{token}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response answer(
            @PathParam("token") String token,
            @RestForm String approved,
            @RestForm String by,
            @RestForm String comment) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if ("true".equals(approved) || "false".equals(approved)) body.put("approved", "true".equals(approved));
        if (by != null && !by.isBlank()) body.put("by", by.strip());
        if (comment != null && !comment.isBlank()) body.put("comment", comment.strip());
        return page(() -> {
            questions.answer(token, body);
            return guarded(Response.seeOther(URI.create("/v1/approvals/" + token)));
        });
    }

    private static Response page(Supplier<Response> work) {
        try {
            return work.get();
        } catch (ProblemException e) {
            Problem problem = e.problem();
            return guarded(Response.status(problem.status()).type(HTML_UTF8).entity(ApprovalPage.of(problem)));
        }
    }

    /** The address is a right: it goes into no cache and to no other site. */
    private static Response guarded(ResponseBuilder response) {
        return response.header("Cache-Control", "no-store")
                .header("Referrer-Policy", "same-origin")
                .build();
    }
}

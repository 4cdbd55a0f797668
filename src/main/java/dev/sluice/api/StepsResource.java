package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.store.AttemptTokens;
import dev.sluice.store.AttemptTokens.Attempt;
import dev.sluice.store.LateResults;
import dev.sluice.store.StepResult;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Locale;

/**
 * Takes the results that functions promised ({@code dev.sluice.step.deferred.v1}), and their signs of life. The token
 * is the one that the function got as {@code ce-sluicetoken}; who has it may do no more than this.
 */
@Path("/v1/steps/{token}")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class StepsResource {
    private final AttemptTokens tokens;
    private final LateResults results;
    private final Clock clock;

    StepsResource(AttemptTokens tokens, LateResults results, Clock clock) {
        this.tokens = tokens;
        this.results = results;
        this.clock = clock;
    }

    /**
     * The result, as a direct answer has it: JSON is the output, an empty body the output {@code null}, and with
     * {@code ce-type: dev.sluice.step.failed.v1} it is a problem.
     *
     * @return 202 and {@code {"run", "step", "attempt"}} when Redis has it, also for the same result sent again; SL4023
     *     for another one, and for an attempt that is over
     */
    @POST
    @Consumes(MediaType.WILDCARD)
    public Response result(@PathParam("token") String token, @Context HttpHeaders headers, byte[] body) {
        Attempt attempt = attempt(token);
        StepResult result = result(headers, body);
        if (results.accept(attempt, result, clock.instant()) == LateResults.Outcome.OVER) throw over(attempt);
        return Response.accepted(shown(attempt)).build();
    }

    /** @return 204; SL4023 when the attempt is over: the work may stop */
    @POST
    @Path("/heartbeat")
    @Consumes(MediaType.WILDCARD)
    public Response heartbeat(@PathParam("token") String token) {
        Attempt attempt = attempt(token);
        if (!results.heartbeat(attempt, clock.instant())) throw over(attempt);
        return Response.noContent().build();
    }

    private Attempt attempt(String token) {
        return tokens.read(token)
                .orElseThrow(() -> Problem.of(
                                Code.SL4022,
                                "the token in the path belongs to no attempt of this Sluice. Send the value of the"
                                        + " header ce-sluicetoken as it came.")
                        .asException());
    }

    /** @throws ProblemException SL2004, SL2006, SL2012, SL4024 */
    private static StepResult result(HttpHeaders headers, byte[] body) {
        String mediaType = String.valueOf(headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
        if (mediaType.toLowerCase(Locale.ROOT).startsWith("application/cloudevents")) {
            throw Problem.of(
                            Code.SL2012,
                            "a result is JSON, with attributes of a CloudEvent as headers ce-…; the structured mode is"
                                    + " not taken here")
                    .asException();
        }
        String type = headers.getHeaderString("ce-type");
        if (StepResult.DEFERRED.equals(type)) {
            throw unusable("a result that is sent later cannot be deferred again; send a heartbeat instead");
        }
        JsonNode data = isBlank(body) ? NullNode.instance : Body.json(body);
        try {
            return new StepResult(StepResult.FAILED.equals(type), data, StepResult.usage(headers::getHeaderString));
        } catch (NumberFormatException e) {
            throw unusable(e.getMessage());
        }
    }

    private static boolean isBlank(byte[] body) {
        if (body == null) return true;
        for (byte b : body) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') return false;
        }
        return true;
    }

    private static ProblemException unusable(String reason) {
        return Problem.of(Code.SL4024, reason).asException();
    }

    private static ProblemException over(Attempt attempt) {
        return Problem.of(
                        Code.SL4023,
                        "attempt " + attempt.number() + " of step " + attempt.step() + " of run " + attempt.run()
                                + " is over: it has a result, took too long, or was given up with its run. Nothing was"
                                + " changed; see /v1/runs/" + attempt.run())
                .asException();
    }

    private static ObjectNode shown(Attempt attempt) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("run", attempt.run())
                .put("step", attempt.step())
                .put("attempt", attempt.number());
    }
}

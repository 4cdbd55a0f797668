package dev.sluice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Finding;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.UncheckedIOException;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error leaves as RFC 9457, with a code and what to do. */
class Problems {
    static final String MEDIA_TYPE = "application/problem+json";

    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response problem(ProblemException e) {
        return response(e.problem(), e.findings());
    }

    @ServerExceptionMapper
    Response http(WebApplicationException e, @Context UriInfo uri, @Context Request request) {
        int status = e.getResponse().getStatus();
        String path = path(uri);
        return switch (status) {
            case 405 ->
                response(withStatus(
                        status, Problem.of(Code.SL2013, path + " does not take the method " + request.getMethod())));
            case 406 ->
                response(withStatus(
                        status, Problem.of(Code.SL2014, path + " has none of the media types that Accept asks for")));
            case 404 -> response(Problem.of(Code.SL2013, "there is nothing at " + path));
            case 415 ->
                response(Problem.of(
                        Code.SL2012,
                        path + " does not take this Content-Type. Send application/json, multipart/form-data, or"
                                + " application/yaml for a workflow document."));
            case 413 -> response(Problem.of(Code.SL2006, "the request is larger than the server takes"));
            default -> {
                if (status >= 500) LOG.errorf(e, "%s failed", path);
                Code code = status >= 500 ? Code.SL9001 : Code.SL2014;
                yield response(withStatus(status, Problem.of(code, e.getMessage())));
            }
        };
    }

    private static Problem withStatus(int status, Problem problem) {
        return new Problem(
                problem.type(),
                status,
                problem.code(),
                problem.title(),
                problem.detail(),
                "",
                false,
                problem.retryAfter());
    }

    /** A payload cannot be stored or read now. */
    @ServerExceptionMapper
    Response unreachable(UncheckedIOException e, @Context UriInfo uri) {
        LOG.errorf(e, "%s failed", path(uri));
        return response(Problem.of(Code.SL2036, "a payload cannot be stored or read now. Send the request again.")
                .retry());
    }

    @ServerExceptionMapper
    Response defect(RuntimeException e, @Context UriInfo uri) {
        LOG.errorf(e, "%s failed by a defect", path(uri));
        return response(Problem.of(
                Code.SL9001, "the request failed by a defect; the server's log of this moment names the place"));
    }

    /** What the request needed and the process does not have, memory above all; the process goes on. */
    @ServerExceptionMapper
    Response exhausted(Error e, @Context UriInfo uri) {
        LOG.errorf(e, "%s failed", path(uri));
        return response(Problem.of(Code.SL9001, "the request asked for more than the process has: " + e.getMessage()));
    }

    /** Encoded, so that a path cannot write lines of its own into the log. */
    private static String path(UriInfo uri) {
        return uri.getRequestUri().getRawPath();
    }

    private static Response response(Problem problem) {
        return response(problem, List.of());
    }

    /** @param findings become the member {@code errors}, when there are any */
    private static Response response(Problem problem, List<Finding> findings) {
        ObjectNode json = problem.toJson();
        if (!findings.isEmpty()) {
            var errors = json.putArray("errors");
            findings.forEach(finding -> errors.add(finding.toJson()));
        }
        var response = Response.status(problem.status()).type(MEDIA_TYPE).entity(json);
        if (problem.retryAfter().isPositive())
            response.header("Retry-After", problem.retryAfter().toSeconds());
        return response.build();
    }
}

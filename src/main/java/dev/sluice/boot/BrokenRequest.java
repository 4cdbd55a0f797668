package dev.sluice.boot;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.ws.rs.core.MediaType;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Says what is wrong with a request that never reaches a resource. */
final class BrokenRequest {
    private static final Logger LOG = Logger.getLogger(BrokenRequest.class);

    /** Causes nest a handful deep; the bound guards against one that is its own cause. */
    private static final int CAUSES_MAX = 50;

    /** In the context of a request whose body was read and that went on to its handler. */
    private static final String READ = "dev.sluice.body-read";

    private BrokenRequest() {}

    /**
     * What is wrong with the body or its type. RESTEasy waits for ever for a body that was read before and had nothing
     * in it; so it gets an empty one.
     */
    static Optional<Problem> inBody(RoutingContext context) {
        context.put(READ, true);
        String type = context.request().getHeader("content-type");
        if (type != null && !isMediaType(type)) {
            return Optional.of(Problem.of(
                    Code.SL2012,
                    "the Content-Type '" + type + "' is no media type. Send application/json or multipart/form-data."));
        }
        if (!context.request().isEnded() || context.body().buffer() != null) return Optional.empty();
        boolean hasParts = !context.fileUploads().isEmpty()
                || !context.request().formAttributes().isEmpty();
        if (hasParts) return Optional.empty();
        if (isForm(context)) return Optional.of(incompleteForm());
        ((RoutingContextInternal) context).setBody(Buffer.buffer());
        return Optional.empty();
    }

    static boolean isForm(RoutingContext context) {
        String type = context.request().getHeader("content-type");
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
    }

    /** True when the body was read and looked at. */
    static boolean isRead(RoutingContext context) {
        return context.get(READ) != null;
    }

    static Problem incompleteForm() {
        return Problem.of(
                Code.SL2005,
                "the form has no complete part. Its boundary must be the one that Content-Type names, and it must"
                        + " end with it; curl -F file=@letter.pdf does both.");
    }

    private static boolean isMediaType(String text) {
        try {
            MediaType.valueOf(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Why the request failed. What nobody foresaw is SL9001, and its stack trace goes to the log. */
    static Problem of(RoutingContext context) {
        Throwable failure = context.failure();
        Throwable cause = failure;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++, cause = cause.getCause()) {
            if (cause instanceof ProblemException known) return known.problem();
        }
        String path = context.request().path();
        if (!isRead(context) && context.request().getHeader("content-type") != null) {
            return Problem.of(
                    Code.SL2014,
                    "the body sent to " + path + " cannot be read" + reason(failure)
                            + ". A form may have 1,000 parts; the head of a part may have 1,024 bytes, its file name"
                            + " included, and the value of a field 2,048.");
        }
        if (context.statusCode() == 400) {
            return Problem.of(Code.SL2014, "the request for " + path + " cannot be read" + reason(failure) + ".");
        }
        LOG.errorf(failure, "%s failed by a defect", path);
        return Problem.of(
                Code.SL9001,
                "the request for " + path + " failed by a defect; the server's log of this moment names the place.");
    }

    private static String reason(Throwable failure) {
        return failure == null || failure.getMessage() == null ? "" : " (" + failure.getMessage() + ")";
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a client of the proxy is answered, in OpenAI's form. Any thread may call it; the first answer counts. */
final class OpenAiAnswer {
    private static final String JSON_TYPE = "application/json";

    private final RoutingContext context;
    private final HttpServerResponse response;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile boolean begun;

    private OpenAiAnswer(RoutingContext context) {
        this.context = context;
        this.response = context.response();
    }

    static OpenAiAnswer of(RoutingContext context) {
        return new OpenAiAnswer(context);
    }

    /** @param gone called when the client closes its connection before it has its answer */
    void onClose(Runnable gone) {
        context.addEndHandler(end -> {
            if (end.failed()) gone.run();
        });
    }

    void succeed(Completion completion) {
        if (!answered.compareAndSet(false, true)) return;
        tell(completion.endpoint(), completion.model());
        response.putHeader(
                        "Sluice-Cost-Micros", String.valueOf(completion.usage().costMicros()))
                .putHeader("Sluice-Source", completion.source().word())
                .putHeader("content-type", JSON_TYPE);
        completion.escalation().ifPresent(alias -> response.putHeader("Sluice-Escalation", alias));
        response.end(completion.body().toString());
    }

    private void tell(String endpoint, String model) {
        response.putHeader("Sluice-Endpoint", endpoint).putHeader("Sluice-Model", model);
    }

    void models(List<String> aliases) {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        var data = list.putArray("data");
        aliases.forEach(alias -> data.addObject()
                .put("id", alias)
                .put("object", "model")
                .put("created", 0)
                .put("owned_by", "sluice"));
        response.putHeader("content-type", JSON_TYPE).end(list.toString());
    }

    /** Begins a stream. */
    HttpServerResponse stream(String endpoint, String model) {
        answered.set(true);
        begun = true;
        tell(endpoint, model);
        return response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-cache");
    }

    /** Closes the connection of a client that does not read its answer. */
    void drop() {
        if (!response.closed()) context.request().connection().close();
    }

    boolean isClosed() {
        return response.closed();
    }

    void fail(Problem problem) {
        if (response.headWritten()) {
            if (!response.closed() && !response.ended()) response.end("data: " + error(problem) + "\n\n");
            return;
        }
        // Of a stream nothing may have been written yet.
        boolean first = answered.compareAndSet(false, true) || begun;
        if (!first || response.closed()) return;
        if (problem.retryAfter().isPositive()) {
            long millis = problem.retryAfter().toMillis();
            response.putHeader("Retry-After", String.valueOf(Math.ceilDiv(millis, 1_000)))
                    .putHeader("retry-after-ms", String.valueOf(millis));
        }
        response.setChunked(false)
                .setStatusCode(status(problem))
                .putHeader("content-type", JSON_TYPE)
                .end(error(problem).toString());
    }

    /** A client that names a model which does not exist has made a mistake; a step has a deployment that has. */
    private static int status(Problem problem) {
        return problem.code().equals(Code.SL5005.name()) ? 404 : problem.status();
    }

    /** {@code problem} is for other processes of Sluice. */
    private static ObjectNode error(Problem problem) {
        int status = status(problem);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error")
                .put("message", problem.oneLine())
                .put("type", type(status))
                .putNull("param")
                .put("code", problem.code());
        error.set("problem", problem.toJson());
        return body;
    }

    private static String type(int status) {
        if (status == 429) return "rate_limit_error";
        if (status == 402) return "insufficient_quota";
        return status >= 500 ? "server_error" : "invalid_request_error";
    }
}

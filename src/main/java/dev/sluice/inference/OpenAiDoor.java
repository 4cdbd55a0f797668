package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Digest;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jboss.logging.Logger;

/**
 * {@code /openai/v1}: the OpenAI protocol for anybody, with routes, budgets, the journal and the ledger behind it. A
 * script that speaks the protocol changes its base URL and nothing else.
 *
 * <p>With {@code Sluice-Run} (as functions send it) an answer is bought to its end although the caller went away,
 * because the next attempt gets it from the journal; {@code DELETE /openai/v1/calls} with the same headers gives it up.
 * Without a run, the caller's closed connection closes the endpoint's.
 */
@Singleton
class OpenAiDoor {
    static final String PATH = "/openai/v1";

    /** Header by which a client tells apart the same request made twice. */
    static final String CALL = "Sluice-Call";

    /** Header by which another process of Sluice says how the journal names the call. */
    static final String KEY = "Sluice-Key";

    private static final Logger LOG = Logger.getLogger(OpenAiDoor.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Gateway gateway;
    private final CallsUnderWay calls = new CallsUnderWay();
    private final ExecutorService threads;

    @Inject
    OpenAiDoor(Gateway gateway, @VirtualThreads ExecutorService threads) {
        this.gateway = gateway;
        this.threads = threads;
    }

    /** Bodies are read before, by the handler that Funqy brings for all of the server. */
    void install(@Observes Router router) {
        router.post(PATH + "/chat/completions").handler(context -> take(context, Operation.CHAT));
        router.post(PATH + "/embeddings").handler(context -> take(context, Operation.EMBEDDINGS));
        router.get(PATH + "/models").handler(this::models);
        router.delete(PATH + "/calls").handler(this::giveUp);
        router.delete(PATH + "/answers").handler(this::forget);
        router.route(PATH + "/*")
                .handler(context -> OpenAiAnswer.of(context)
                        .fail(Problem.of(
                                        Code.SL2013,
                                        "there is nothing at "
                                                + context.request().method() + " "
                                                + context.normalizedPath() + ". There are POST " + PATH
                                                + "/chat/completions, POST " + PATH + "/embeddings and GET " + PATH
                                                + "/models.")
                                .status(404)));
    }

    private void take(RoutingContext context, Operation operation) {
        OpenAiAnswer answer = OpenAiAnswer.of(context);
        try {
            Account account = account(context);
            CallsUnderWay.Call under = calls.add(account, context.request().getHeader(CALL));
            if (account.run().isEmpty()) answer.onClose(under::abandon);
            // Its body may be large: not on the event loop.
            threads.submit(() -> under.run(() -> serve(context, operation, account, answer)));
        } catch (ProblemException e) {
            answer.fail(e.problem());
        }
    }

    private void serve(RoutingContext context, Operation operation, Account account, OpenAiAnswer answer) {
        try {
            ObjectNode request = body(context.body().buffer());
            boolean stream =
                    operation == Operation.CHAT && request.path("stream").asBoolean(false);
            boolean withUsage = request.at("/stream_options/include_usage").asBoolean(false);
            ModelCall call = call(context, operation, account, request);
            if (stream) {
                var sink = new SseSink(answer, withUsage, !call.account().run().isEmpty());
                Completion completion = gateway.complete(call, sink);
                sink.end(completion);
            } else {
                answer.succeed(gateway.complete(call, null));
            }
        } catch (ProblemException e) {
            answer.fail(e.problem());
        } catch (ReaderGone gone) {
            LOG.debugf("the reader of a streamed answer went away");
            answer.drop();
        } catch (RuntimeException | Error defect) {
            LOG.errorf(defect, "a call of a model failed by a defect");
            answer.fail(Problem.of(
                    Code.SL9001,
                    "the call met a defect of Sluice (" + defect.getClass().getSimpleName() + ")"));
        }
    }

    private static ObjectNode body(Buffer body) {
        try {
            JsonNode json = body == null ? null : JSON.readTree(body.getBytes());
            if (json instanceof ObjectNode object && !object.isEmpty()) return object;
            throw malformed("the request must be a JSON object");
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            // Of what is too deep, or of too long a text or number, no place is told.
            if (where == null) throw malformed("the request cannot be read: " + e.getOriginalMessage());
            throw malformed("the request is not JSON at line " + where.getLineNr() + ", column " + where.getColumnNr());
        } catch (IOException e) {
            throw malformed("the request cannot be read: " + e.getMessage());
        }
    }

    private static ProblemException malformed(String what) {
        return Problem.of(Code.SL2004, what + ".").asException();
    }

    private static Account account(RoutingContext context) {
        Account account = AccountWords.ofHeaders(context.request()::getHeader);
        if (!account.run().isEmpty() && RunId.partition(account.run()).isEmpty()) {
            throw Problem.of(Code.SL2014, "Sluice-Run is '" + account.run() + "', which is no id of a run.")
                    .asException();
        }
        return account;
    }

    private static ModelCall call(RoutingContext context, Operation operation, Account account, ObjectNode request) {
        JsonNode model = request.remove("model");
        if (model != null && !model.isTextual()) throw malformed("\"model\" must be a text");
        String member = operation == Operation.CHAT ? "messages" : "input";
        if (request.path(member).isEmpty() && !request.path(member).isTextual()) {
            throw malformed("\"" + member + "\" is missing or empty");
        }
        String alias = model == null ? "" : model.textValue();
        request.remove("stream");
        request.remove("stream_options");
        String rung = Optional.ofNullable(context.request().getHeader("Sluice-Rung"))
                .filter(word -> word.matches("[a-z]{1,20}"))
                .orElse(Ladder.ASKED);
        boolean hedged = !"false".equalsIgnoreCase(context.request().getHeader("Sluice-Idempotent"));
        String key = key(context, account, alias, request);
        return new ModelCall(operation, alias, request, account, key, rung, hedged, account.traceparent());
    }

    /**
     * A step's call is named by what it asks, and by {@code Sluice-Call} when the same is asked more than once. Another
     * process of Sluice has named it already.
     */
    private static String key(RoutingContext context, Account account, String alias, ObjectNode request) {
        if (!account.run().isEmpty()) {
            String named = context.request().getHeader(KEY);
            return named != null && named.matches("[0-9a-f]{32}")
                    ? named
                    : Digest.of(account.keyOf(alias, request) + "\n"
                            + context.request().getHeader(CALL));
        }
        String own = context.request().getHeader("Idempotency-Key");
        return own == null || own.isBlank() ? "" : "client:" + Digest.of(own + "\n" + alias + "\n" + request);
    }

    private void models(RoutingContext context) {
        OpenAiAnswer.of(context).models(gateway.aliases());
    }

    private void giveUp(RoutingContext context) {
        try {
            Account account = account(context);
            if (account.run().isEmpty()) {
                throw Problem.of(Code.SL2014, "Sluice-Run is missing: whose call is to be given up?")
                        .asException();
            }
            boolean found = calls.abandon(account, context.request().getHeader(CALL));
            context.response().setStatusCode(found ? 202 : 204).end();
        } catch (ProblemException e) {
            OpenAiAnswer.of(context).fail(e.problem());
        }
    }

    /** The answer could not be used: the next attempt is to buy another one. */
    private void forget(RoutingContext context) {
        OpenAiAnswer answer = OpenAiAnswer.of(context);
        threads.submit(() -> {
            try {
                Account account = AccountWords.ofHeaders(context.request()::getHeader);
                gateway.forget(account, List.of(String.valueOf(context.request().getHeader(KEY))));
                context.response().setStatusCode(204).end();
            } catch (ProblemException e) {
                answer.fail(e.problem());
            }
        });
    }
}

package dev.sluice.boot;

import dev.sluice.api.Batch;
import dev.sluice.functions.Attempts;
import dev.sluice.store.StepResult;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.quarkus.funqy.runtime.FunctionInvoker;
import io.quarkus.funqy.runtime.FunctionRecorder;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.FileUpload;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Decides what a request may reach, before anything else sees it. Funqy owns {@code /} and offers each function under
 * its own path as well; here {@code GET /} is the dashboard, {@code POST /} is a step or a wake-up for the roles that
 * this process has, and any other event goes to {@code /v1/events}.
 */
@Singleton
class FrontDoor {
    /** Before Quarkus' own handlers, except the one that reads bodies: a body is there when a request comes in here. */
    private static final int FIRST = -10_000;

    /** Just before Quarkus' handler that reads bodies, which has the next order. */
    private static final int BEFORE_BODY = Integer.MIN_VALUE;

    /** 10 s after its last byte a form has long been written to disk, if it is whole. */
    private static final Duration FORM_WRITTEN_MAX = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger(FrontDoor.class);

    private static final String ORCHESTRATE = "orchestrate";

    /** Where a workflow document is the body of a request. */
    private static final Set<String> DOCUMENTS = Set.of("/v1/workflows", "/v1/workflows/validate");

    /** Names of all functions of the build. Case counts in an event's type, not in a path. */
    private final Set<String> functions;

    private final Roles roles;
    private final OwnSite site;
    private final Attempts attempts;
    private final Batch batch;

    /** How many calls of functions have come in, and the name of the last one. */
    private final AtomicLong calls = new AtomicLong();

    private final long bodyBytesMax;

    FrontDoor(
            Roles roles,
            Attempts attempts,
            Batch batch,
            @ConfigProperty(name = "quarkus.http.host") String address,
            @ConfigProperty(name = "sluice.hosts") Optional<Set<String>> names,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size")
                    io.quarkus.runtime.configuration.MemorySize bodyMax) {
        this.roles = roles;
        this.attempts = attempts;
        this.batch = batch;
        this.site = OwnSite.at(address, names.orElse(Set.of()));
        this.functions = FunctionRecorder.registry.invokers().stream()
                .map(FunctionInvoker::getName)
                .collect(Collectors.toUnmodifiableSet());
        this.bodyBytesMax = bodyMax.asLongValue();
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_BODY).handler(this::guard);
        router.route().order(FIRST).handler(this::enter);
        router.route().order(FIRST).failureHandler(context -> failed(context, tooLarge()));
    }

    /**
     * Refuses what a page of another site sends, before its body is read. Answers for a form that ends within a part:
     * the handler that reads bodies would wait for the rest for ever.
     */
    private void guard(RoutingContext context) {
        HttpServerRequest request = context.request();
        secure(context);
        Optional<String> foreign = site.refusal(
                request.method().name(),
                request.getHeader("host"),
                request.getHeader("origin"),
                request.getHeader("sec-fetch-site"));
        if (foreign.isPresent()) {
            refuse(context, Problem.of(Code.SL2017, foreign.get()));
            return;
        }
        if (roles.has(Role.API) && Batch.isBatch(request)) {
            batch.take(request);
            return;
        }
        takeAsDocument(request);
        if (BrokenRequest.isForm(context)) {
            Runnable refuseUnread = () -> {
                if (!BrokenRequest.isRead(context) && !context.response().ended()) {
                    deleteUploads(context);
                    refuse(context, BrokenRequest.incompleteForm());
                }
            };
            context.request()
                    .end()
                    .onSuccess(
                            end -> context.vertx().setTimer(FORM_WRITTEN_MAX.toMillis(), timer -> refuseUnread.run()));
        }
        context.next();
    }

    /**
     * {@code curl --data-binary @file} calls everything a form. A document that were read as one would be cut into
     * fields, of which none may have more than 2,048 bytes.
     */
    private static void takeAsDocument(HttpServerRequest request) {
        String type = request.getHeader("content-type");
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) return;
        if (DOCUMENTS.contains(request.path())) request.headers().set("content-type", "application/yaml");
        else if (isCommand(request.path()) || request.path().startsWith("/openai/"))
            request.headers().set("content-type", "application/json");
    }

    /** Whether what curl calls a form is JSON there: a start, or what steers a run. */
    static boolean isCommand(String path) {
        return path.startsWith("/v1/runs/") || (path.startsWith("/v1/workflows/") && path.endsWith("/runs"));
    }

    private void enter(RoutingContext context) {
        if (context.response().ended()) return;
        HttpServerRequest request = context.request();
        Optional<Problem> broken = tooLarge(request) ? Optional.of(tooLarge()) : BrokenRequest.inBody(context);
        if (broken.isPresent()) {
            refuse(context, broken.get());
            return;
        }
        String path = context.normalizedPath();
        if (path.equals("/")) {
            enterRoot(context, request);
        } else if (isFunctionPath(path)
                || !roles.has(Role.API) && isApi(path)
                || !roles.has(Role.INFERENCE) && path.startsWith("/openai/")) {
            refuse(context, Problem.of(Code.SL2013, "there is nothing at " + path));
        } else {
            context.next();
        }
    }

    private void enterRoot(RoutingContext context, HttpServerRequest request) {
        if (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) {
            if (roles.has(Role.API)) context.reroute("/index.html");
            else refuse(context, Problem.of(Code.SL2013, "this process has no dashboard"));
            return;
        }
        if (request.method() != HttpMethod.POST) {
            context.response().putHeader("allow", "GET, HEAD, POST");
            refuse(context, 405, Problem.of(Code.SL2013, "/ takes GET, HEAD and POST, not " + request.method()));
            return;
        }
        String type = request.getHeader("ce-type");
        boolean served = type != null
                && functions.contains(type)
                && roles.has(type.equals(ORCHESTRATE) ? Role.ORCHESTRATOR : Role.FUNCTIONS);
        if (served) serve(context, request);
        else if (request.getHeader("ce-sluicetoken") != null && !functions.contains(type)) failTask(context, type);
        else if (roles.has(Role.API)) context.reroute("/v1/events");
        // The type stands in the body; a process without the API has nobody else to read it.
        else if (type == null && isStructured(request)) context.next();
        else refuse(context, Problem.of(Code.SL2008, "this process has no function for events of type '" + type + "'"));
    }

    /** A task for a function without an address of its own comes here; its step has to say so, and not ask again. */
    private void failTask(RoutingContext context, String type) {
        context.response()
                .putHeader("content-type", "application/json")
                .putHeader("ce-specversion", "1.0")
                .putHeader("ce-type", StepResult.FAILED)
                .putHeader("ce-source", "/functions")
                .putHeader("ce-id", String.valueOf(calls.incrementAndGet()))
                .end(noFunction(type, functions).toJson().toString());
    }

    static Problem noFunction(String name, Set<String> functions) {
        String own = functions.stream()
                .filter(each -> !each.equals(ORCHESTRATE))
                .sorted()
                .collect(Collectors.joining(", "));
        return Problem.of(
                        Code.SL4010,
                        "no function '" + name + "' is part of Sluice, which has " + own
                                + ". Correct 'call', or give the function's address by sluice.dispatch.functions."
                                + name + ".url and retry the run.")
                .status(404);
    }

    /**
     * A caller that goes away before it has its answer does not want it any more; what it costs ends with that. The
     * same attempt may have been delivered by another caller as well, who does: so each call has a name of its own.
     */
    private void serve(RoutingContext context, HttpServerRequest request) {
        String call = String.valueOf(calls.incrementAndGet());
        request.headers().set("ce-" + Attempts.CALL, call);
        context.addEndHandler(end -> {
            if (end.failed()) attempts.abort(call);
        });
        context.next();
    }

    private boolean tooLarge(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("content-length"))
                .filter(length -> length.chars().allMatch(Character::isDigit) && length.length() < 19)
                .map(Long::parseLong)
                .filter(length -> length > bodyBytesMax)
                .isPresent();
    }

    private Problem tooLarge() {
        return Problem.of(
                Code.SL2006,
                "a request may have " + bodyBytesMax + " bytes (" + (bodyBytesMax >> 20)
                        + " MiB). Send fewer files in one request; a single document may have 32 MiB.");
    }

    private static boolean isStructured(HttpServerRequest request) {
        String mediaType = request.getHeader("content-type");
        return mediaType != null && mediaType.toLowerCase(Locale.ROOT).startsWith("application/cloudevents+json");
    }

    private boolean isFunctionPath(String path) {
        return functions.stream().anyMatch(path.substring(1)::equalsIgnoreCase);
    }

    private static boolean isApi(String path) {
        return path.startsWith("/v1/") || path.startsWith("/ui/") || path.equals("/index.html");
    }

    /** What could not be read, or failed where no resource could say why. */
    private static void failed(RoutingContext context, Problem tooLarge) {
        deleteUploads(context);
        if (context.response().closed() || context.response().ended()) {
            LOG.debugf(
                    context.failure(),
                    "the client of %s went away",
                    context.request().path());
        } else if (context.response().headWritten()) {
            context.next();
        } else {
            refuse(context, context.statusCode() == 413 ? tooLarge : BrokenRequest.of(context));
        }
    }

    /** Nobody else does when reading the form has failed. */
    private static void deleteUploads(RoutingContext context) {
        for (FileUpload upload : context.fileUploads()) {
            context.vertx().fileSystem().delete(upload.uploadedFileName());
        }
    }

    private static void refuse(RoutingContext context, Problem problem) {
        refuse(context, problem.status(), problem);
    }

    private static void refuse(RoutingContext context, int status, Problem problem) {
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/problem+json")
                .putHeader("connection", "close")
                .end(problem.toJson().put("status", status).toString());
    }

    private static void secure(RoutingContext context) {
        String path = context.normalizedPath();
        // Asked for again after a day only, as is Quarkus' default, a page would speak to another release's API.
        if (path.equals("/index.html") || path.startsWith("/ui/")) {
            context.response().putHeader("Cache-Control", "no-cache");
        }
        context.response()
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader(
                        "Content-Security-Policy",
                        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'");
    }
}

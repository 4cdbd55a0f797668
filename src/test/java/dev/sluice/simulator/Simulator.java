package dev.sluice.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * An endpoint that speaks OpenAI's protocol and behaves as {@link Options} say: {@code POST /v1/chat/completions},
 * whole or streamed, {@code POST /v1/embeddings}, {@code GET /v1/models}. What it does with the n-th arrival of a
 * request follows from its seed, the request and n; storms, capacity and outages, which go by time, take no arrival
 * away.
 *
 * <p>Beside the protocol: {@code GET /billing}; {@code POST /control} with options to change; {@code POST /storm} with
 * {@code {"millis": 2000}}; {@code POST /down} with {@code {"millis": 60000, "abruptly": true}}; {@code POST /reset}.
 */
public final class Simulator implements AutoCloseable {
    /** A port that was ours is bound again at once, unless somebody else was given it meanwhile. */
    private static final int LISTEN_AGAIN_MILLIS = 100;

    /** Of an outage in good order: after so long without a request it begins, and after so long in any case. */
    private static final int QUIET_MILLIS = 200;

    private static final int LEAVING_MILLIS_MAX = 2_000;

    private static final int HEADERS_BYTES_MAX = 64 * 1024;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    private final Context loop = vertx.getOrCreateContext();
    private final Model model;
    private HttpServer server;
    private volatile int port;

    /** Every request is answered 503 and told to close its connection. */
    private boolean leaving;

    private long timer = -1;
    private long lastCame;

    private Simulator(Options options) {
        this.model = new Model(vertx, options, Clock.systemUTC());
    }

    /** Returns when it listens. */
    public static Simulator start(Options options) {
        var simulator = new Simulator(options);
        simulator.call(() -> simulator.listen(options.port()));
        return simulator;
    }

    /** @param arguments options, {@code name=value} */
    public static void main(String[] arguments) {
        try {
            Simulator simulator = start(Options.of(arguments));
            System.err.println("A model is simulated at " + simulator.url() + ". End it with Ctrl-C.");
        } catch (IllegalArgumentException refused) {
            System.err.println(refused.getMessage());
            System.exit(2);
        }
    }

    /** Base URL, as OpenAI clients want it. */
    public String url() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    public Billing billing() {
        return call(() -> Future.succeededFuture(model.bills().told()));
    }

    /** Changes options, {@code name=value}; those of requests that are under way stay as they were. */
    public void control(String... settings) {
        call(() -> {
            model.set(model.options().with(settings));
            return Future.succeededFuture();
        });
    }

    /** Everything is answered 429 for so long. */
    public void storm(Duration length) {
        call(() -> {
            model.storm(length);
            return Future.succeededFuture();
        });
    }

    /** See {@code POST /down}. */
    public void down(Duration length, boolean abruptly) {
        call(() -> {
            goDown(length.toMillis(), abruptly);
            return Future.succeededFuture();
        });
    }

    /** Ends an outage before its time. */
    public void up() {
        call(this::comeUp);
    }

    /** Forgets what came and was billed. */
    public void reset() {
        call(() -> {
            model.reset();
            return Future.succeededFuture();
        });
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private <T> T call(Callable<Future<T>> does) {
        Promise<T> promise = Promise.promise();
        loop.runOnContext(now -> {
            try {
                does.call().onComplete(promise);
            } catch (Exception failed) {
                promise.fail(failed);
            }
        });
        try {
            return promise.future().toCompletionStage().toCompletableFuture().join();
        } catch (java.util.concurrent.CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException unchecked) throw unchecked;
            throw failed;
        }
    }

    private Future<Void> listen(int where) {
        leaving = false;
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(where)
                        .setMaxHeaderSize(HEADERS_BYTES_MAX))
                .requestHandler(request -> request.bodyHandler(body -> route(request, body)));
        return server.listen().map(bound -> {
            port = bound.actualPort();
            return null;
        });
    }

    /**
     * @param abruptly connections are reset in the middle of what they do. Otherwise what is under way is finished,
     *     further requests are answered 503 and their connections closed, and only then no connection is accepted: a
     *     server that is taken away in good order leaves nobody in doubt about what was done
     */
    private void goDown(long millis, boolean abruptly) {
        vertx.cancelTimer(timer);
        timer = vertx.setTimer(millis, over -> comeUp());
        if (abruptly) {
            server.close();
            return;
        }
        leaving = true;
        lastCame = System.nanoTime();
        closeWhenQuiet(server, lastCame);
    }

    private void closeWhenQuiet(HttpServer leaver, long since) {
        vertx.setTimer(QUIET_MILLIS, later -> {
            if (!leaving || server != leaver) return;
            boolean isQuiet = System.nanoTime() - lastCame >= QUIET_MILLIS * 1_000_000L
                    || System.nanoTime() - since >= LEAVING_MILLIS_MAX * 1_000_000L;
            if (isQuiet && model.inFlight() == 0) leaver.close();
            else closeWhenQuiet(leaver, since);
        });
    }

    private Future<Void> comeUp() {
        vertx.cancelTimer(timer);
        leaving = false;
        return server.close().transform(closed -> listen(port)).recover(taken -> {
            Promise<Void> again = Promise.promise();
            vertx.setTimer(LISTEN_AGAIN_MILLIS, now -> comeUp().onComplete(again));
            return again.future();
        });
    }

    private void route(HttpServerRequest request, Buffer body) {
        lastCame = System.nanoTime();
        if (leaving && request.path().startsWith("/v1/")) {
            request.response().putHeader("connection", "close");
            Refusal.of(503, "server_error", null, "The server is shutting down.")
                    .answer(request, false, null);
            return;
        }
        switch (request.method() + " " + request.path()) {
            case "POST /v1/chat/completions" -> model.chat(request, body);
            case "POST /v1/embeddings" -> model.embed(request, body);
            case "GET /v1/models" -> answer(request, models());
            case "GET /billing" ->
                answer(request, Question.JSON.valueToTree(model.bills().told()));
            case "GET /" -> request.response().end(model.bills().counts());
            case "POST /control", "POST /storm", "POST /down", "POST /reset" -> order(request, body);
            default ->
                Refusal.of(404, "invalid_request_error", null, "Unknown request URL: " + request.path())
                        .answer(request, false, null);
        }
    }

    private void order(HttpServerRequest request, Buffer body) {
        try {
            JsonNode order =
                    body.length() == 0 ? Question.JSON.createObjectNode() : Question.JSON.readTree(body.getBytes());
            switch (request.path()) {
                case "/control" -> model.set(model.options().with(order));
                case "/storm" ->
                    model.storm(Duration.ofMillis(order.path("millis").asLong()));
                case "/reset" -> model.reset();
                default -> {
                    // Answered first: afterwards nobody is there.
                    long millis = order.path("millis").asLong();
                    boolean abruptly = order.path("abruptly").asBoolean();
                    request.response().setStatusCode(204).end().onComplete(done -> goDown(millis, abruptly));
                    return;
                }
            }
            request.response().setStatusCode(204).end();
        } catch (IOException | IllegalArgumentException refused) {
            Refusal.of(400, "invalid_request_error", null, refused.getMessage()).answer(request, false, null);
        }
    }

    private ObjectNode models() {
        ObjectNode list = Question.JSON.createObjectNode().put("object", "list");
        for (String name : model.options().models()) {
            ObjectNode one = list.withArray("data").addObject().put("id", name).put("object", "model");
            one.put("created", 1_700_000_000).put("owned_by", "simulator");
        }
        return list;
    }

    private static void answer(HttpServerRequest request, JsonNode json) {
        request.response().putHeader("content-type", "application/json").end(json.toString());
    }
}

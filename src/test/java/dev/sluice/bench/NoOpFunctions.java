package dev.sluice.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/**
 * The functions of the measurement, in a process of their own: every CloudEvent is answered at once with an empty
 * object. {@code GET /} tells how many were, and how many of these were for a step named {@code last}.
 */
final class NoOpFunctions {
    /** Ends the pointer of a run's last step; in loops it is called once a run as well. */
    private static final String LAST = "/last";

    private static final Buffer ANSWER = Buffer.buffer("{}");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence STEP = HttpHeaders.createOptimized("ce-sluicestep");

    private long calls;
    private long lasts;

    private NoOpFunctions() {}

    /** @param arguments the port */
    public static void main(String[] arguments) {
        // One event loop: the counts need no lock, and 30,000 calls a second are far above what is measured here.
        var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
        serve(vertx, Integer.parseInt(arguments[0]));
    }

    /** @param port 0: any that is free @return the port */
    static int serve(Vertx vertx, int port) {
        var functions = new NoOpFunctions();
        return vertx.createHttpServer(new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setMaxHeaderSize(64 * 1024))
                .requestHandler(functions::answer)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void answer(HttpServerRequest request) {
        if (request.method() == io.vertx.core.http.HttpMethod.GET) {
            request.response().end(calls + " " + lasts);
            return;
        }
        String step = request.getHeader(STEP);
        request.endHandler(whole -> {
            calls++;
            if (step != null && step.endsWith(LAST)) lasts++;
            request.response().putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(ANSWER);
        });
    }
}

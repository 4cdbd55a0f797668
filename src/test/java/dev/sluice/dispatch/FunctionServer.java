package dev.sluice.dispatch;

import dev.sluice.queue.RealRedis;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A function that answers when a test tells it to, or at once. */
final class FunctionServer implements AutoCloseable {
    final List<HttpServerRequest> open = new CopyOnWriteArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger openMax = new AtomicInteger();

    /** Done when a caller has closed its connection before it had an answer. */
    final CompletableFuture<Void> abandoned = new CompletableFuture<>();

    /** False: requests are held until {@link #answer}. */
    volatile boolean prompt = true;

    /** How long it takes over an answer that it does not hold, in ms; 0: it answers at once. */
    volatile long millis;

    private final HttpServer server;

    FunctionServer() {
        server = RealRedis.VERTX.createHttpServer().requestHandler(this::handle);
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/");
    }

    private void handle(HttpServerRequest request) {
        open.add(request);
        openMax.accumulateAndGet(open.size(), Math::max);
        asked.incrementAndGet();
        request.connection().closeHandler(closed -> {
            if (open.remove(request)) abandoned.complete(null);
        });
        if (prompt) request.endHandler(whole -> answerSoon(request));
    }

    private void answerSoon(HttpServerRequest request) {
        if (millis == 0) answer(request, "{\"ok\":true}");
        else RealRedis.VERTX.setTimer(millis, timer -> answer(request, "{\"ok\":true}"));
    }

    void answer(HttpServerRequest request, String json) {
        open.remove(request);
        request.response().putHeader("content-type", "application/json").end(json);
    }

    void answerAll() {
        open.forEach(request -> answer(request, "{\"ok\":true}"));
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}

package dev.sluice.dispatch;

import dev.sluice.queue.RealRedis;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** A server that keeps what it was sent, whole, and answers as a test says. */
final class Scripted implements AutoCloseable {
    record Received(HttpServerRequest request, String body) {
        String header(String name) {
            return request.getHeader(name);
        }
    }

    final List<Received> received = new CopyOnWriteArrayList<>();
    volatile BiConsumer<Received, HttpServerResponse> script = (received, response) -> response.end();

    private HttpServer server = listen(0);

    private HttpServer listen(int port) {
        var fresh = RealRedis.VERTX
                .createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    var whole = new Received(request, body.toString());
                    received.add(whole);
                    script.accept(whole, request.response());
                }));
        return fresh.listen(port, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/in");
    }

    void answer(int status, String... headers) {
        script = (received, response) -> {
            for (int i = 0; i < headers.length; i += 2) response.putHeader(headers[i], headers[i + 1]);
            response.setStatusCode(status).end();
        };
    }

    /** The port is closed: nobody listens. */
    void down() {
        close();
    }

    /** On the port that it had. */
    void up() {
        server = listen(server.actualPort());
    }

    List<String> headers(String name) {
        return received.stream().map(r -> r.header(name)).toList();
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}

package dev.sluice.functions;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A real HTTP server that answers what a test tells it to, and remembers what it was asked. */
final class WebServer implements AutoCloseable {
    /** @param target path and query as they came, encoded */
    record Asked(String method, String target, Headers headers, String body) {
        String header(String name) {
            return headers.getFirst(name);
        }
    }

    /** @param headers pairs of name and value */
    record Reply(int status, byte[] body, List<String> headers) {
        static Reply of(int status, String body, String... headers) {
            return new Reply(status, body.getBytes(StandardCharsets.UTF_8), List.of(headers));
        }

        static Reply json(String body) {
            return of(200, body, "Content-Type", "application/json");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Function<Asked, Reply>> routes = new ConcurrentHashMap<>();

    final List<Asked> asked = new CopyOnWriteArrayList<>();

    WebServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** @param path without query; what has no route is answered with 404 */
    WebServer on(String path, Function<Asked, Reply> answer) {
        routes.put(path, answer);
        return this;
    }

    WebServer on(String path, Reply reply) {
        return on(path, asked -> reply);
    }

    Asked last() {
        return asked.getLast();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var request = new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    body);
            asked.add(request);
            Reply reply = routes.getOrDefault(exchange.getRequestURI().getPath(), none -> Reply.of(404, "nothing here"))
                    .apply(request);
            for (int i = 0; i < reply.headers().size(); i += 2) {
                exchange.getResponseHeaders()
                        .add(reply.headers().get(i), reply.headers().get(i + 1));
            }
            boolean empty = reply.body().length == 0 || request.method().equals("HEAD");
            exchange.sendResponseHeaders(reply.status(), empty ? -1 : reply.body().length);
            if (!empty) exchange.getResponseBody().write(reply.body());
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

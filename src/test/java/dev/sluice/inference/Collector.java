package dev.sluice.inference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.zip.GZIPInputStream;

/** An OTLP collector that remembers the last export. */
final class Collector implements AutoCloseable {
    private final HttpServer server;
    volatile String path;
    volatile String key;
    volatile byte[] body;

    Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void take(HttpExchange exchange) throws IOException {
        path = exchange.getRequestURI().getPath();
        key = exchange.getRequestHeaders().getFirst("x-key");
        try (var in = new GZIPInputStream(exchange.getRequestBody())) {
            body = in.readAllBytes();
        }
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

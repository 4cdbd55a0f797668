package dev.sluice.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Answers what a test laid ready, in order; the last answer of a kind is given for ever. */
final class FakeServer implements AutoCloseable {
    /** What was asked, for uploads: workflow path, headers of interest and the body as ISO 8859-1. */
    record Upload(String path, String contentType, String idempotencyKey, String body) {}

    record Prepared(int status, String body) {}

    final List<Upload> uploads = new ArrayList<>();
    final Deque<Prepared> uploadAnswers = new ArrayDeque<>();
    final Deque<Prepared> runAnswers = new ArrayDeque<>();
    private final HttpServer http;

    FakeServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::answer);
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean upload = exchange.getRequestMethod().equals("POST");
        if (upload) {
            var headers = exchange.getRequestHeaders();
            uploads.add(new Upload(
                    exchange.getRequestURI().getRawPath(),
                    headers.getFirst("Content-Type"),
                    headers.getFirst("Idempotency-Key"),
                    new String(body, StandardCharsets.ISO_8859_1)));
        }
        Deque<Prepared> answers = upload ? uploadAnswers : runAnswers;
        Prepared answer = answers.size() > 1 ? answers.poll() : answers.peek();
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Retry-After", "0");
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}

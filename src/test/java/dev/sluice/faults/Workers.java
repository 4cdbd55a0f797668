package dev.sluice.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Functions that add one: {@code {"n": 4}} is answered {@code {"n": 5}}, each after a time of its own. They count what
 * they were asked, by idempotency key.
 */
final class Workers implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** By function, a blank and idempotency key: how often that function has done that work. */
    final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();

    /** By the function, or by function, blank and tenant: how long its work takes; 20 ms unless it is said here. */
    final Map<String, Duration> takes = new ConcurrentHashMap<>();

    /** By name of the function: requests with it now. */
    final Map<String, AtomicInteger> busy = new ConcurrentHashMap<>();

    private final AtomicInteger untilCall = new AtomicInteger();
    private volatile boolean afterAnswer;
    private volatile Runnable atCall = () -> {};
    private final HttpServer server;

    Workers() throws IOException {
        this(0);
    }

    Workers(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** With {@code {function}} in it. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/{function}";
    }

    /** @param number of the call, from 1, counted from now on; then {@code does} runs, once */
    void atCall(int number, boolean afterAnswer, Runnable does) {
        this.atCall = does;
        this.afterAnswer = afterAnswer;
        untilCall.set(number);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String function = exchange.getRequestHeaders().getFirst("ce-type");
        String key = exchange.getRequestHeaders().getFirst("ce-idempotencykey");
        JsonNode input = JSON.readTree(exchange.getRequestBody().readAllBytes());
        boolean fatal = untilCall.get() > 0 && untilCall.decrementAndGet() == 0;
        var now = busy.computeIfAbsent(function, f -> new AtomicInteger());
        now.incrementAndGet();
        try (exchange) {
            if (fatal && !afterAnswer) atCall.run();
            LockSupport.parkNanos(time(function, input).toNanos());
            done.computeIfAbsent(function + " " + key, k -> new AtomicInteger()).incrementAndGet();
            byte[] body = ("{\"n\":" + (input.path("n").asInt() + 1) + "}").getBytes();
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } finally {
            now.decrementAndGet();
        }
        if (fatal && afterAnswer) atCall.run();
    }

    private Duration time(String function, JsonNode input) {
        Duration usual = takes.getOrDefault(function, Duration.ofMillis(20));
        return takes.getOrDefault(function + " " + input.path("tenant").asText(), usual);
    }

    /** Work of that function that was done again: at least once is what is promised. */
    long repeated(String function) {
        return done.entrySet().stream()
                .filter(each -> each.getKey().startsWith(function + " "))
                .mapToLong(each -> each.getValue().get() - 1)
                .sum();
    }

    int busy(String function) {
        return busy.getOrDefault(function, new AtomicInteger()).get();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

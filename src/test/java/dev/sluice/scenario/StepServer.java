package dev.sluice.scenario;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Step functions of a test, over HTTP: {@code echo}, {@code fails} until it is repaired, {@code holds} until it is let
 * go, {@code told} answers with the extensions it was sent, {@code busy} twice says that it has no room.
 */
final class StepServer implements AutoCloseable {
    private final HttpServer server;
    private final CountDownLatch held = new CountDownLatch(1);

    /** Counted down when a caller has gone away before it had its answer. */
    final CountDownLatch abandoned = new CountDownLatch(1);

    /** {@code ce-sluicestep} of each call of {@code fails}. */
    final Queue<String> failedSteps = new ConcurrentLinkedQueue<>();

    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean repaired;

    StepServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/echo", exchange -> answer(exchange, 200, body(exchange)));
        server.createContext("/holds", this::hold);
        server.createContext("/fails", exchange -> {
            failedSteps.add(exchange.getRequestHeaders().getFirst("ce-sluicestep"));
            byte[] body = body(exchange);
            answer(exchange, repaired ? 200 : 400, repaired ? body : "{}".getBytes(StandardCharsets.UTF_8));
        });
        server.createContext("/told", exchange -> answer(exchange, 200, extensions(exchange)));
        server.createContext("/busy", exchange -> {
            boolean full = refused.incrementAndGet() <= 2;
            if (full) exchange.getResponseHeaders().set("Retry-After", "1");
            answer(exchange, full ? 429 : 200, body(exchange));
        });
        server.start();
    }

    /** As JSON, without what is the same in no two runs. */
    private static byte[] extensions(HttpExchange exchange) throws IOException {
        body(exchange);
        var json = JsonNodeFactory.instance.objectNode();
        for (String name : List.of("workflow", "tenant", "origin", "budget", "attempt")) {
            String value = exchange.getRequestHeaders().getFirst("ce-sluice" + name);
            if (value != null) json.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Options with which a server calls the functions here. */
    List<String> options() {
        var options = new ArrayList<String>();
        for (String function : List.of("echo", "holds", "fails", "told", "busy")) {
            options.add("-Dsluice.dispatch.functions." + function + ".url=http://127.0.0.1:"
                    + server.getAddress().getPort() + "/" + function);
        }
        return options;
    }

    void repair() {
        repaired = true;
    }

    /** White space may stand before JSON: each blank shows whether the caller is still there. */
    private void hold(HttpExchange exchange) throws IOException {
        body(exchange);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            while (!held.await(20, TimeUnit.MILLISECONDS)) {
                out.write(' ');
                out.flush();
            }
            out.write("{}".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            abandoned.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        return exchange.getRequestBody().readAllBytes();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        held.countDown();
        server.stop(0);
    }
}

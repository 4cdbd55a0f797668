package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** An endpoint that answers what a test tells it to. */
final class StubEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch hurried = new CountDownLatch(1);

    /** Requests in the order in which they came. */
    final List<JsonNode> requests = new CopyOnWriteArrayList<>();

    /** Values of their Authorization header, "" for none. */
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    private final Queue<String> bodies = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> failures = new ConcurrentLinkedQueue<>();

    volatile int status = 200;
    volatile String body = "";
    volatile Map<String, String> headers = Map.of();

    /** True: never answer. */
    volatile boolean silent;

    /** True: close the connection without an answer. */
    volatile boolean abrupt;

    /** True: send the answer byte by byte, one every 100 ms. */
    volatile boolean slow;

    StubEndpoint() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.createContext("/v1/chat/completions", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    /** Answer the next request with what was said, and all after it with this. */
    void then(String content) {
        String first = body;
        say(content);
        bodies.add(first);
    }

    /** Fail the next request with this status. */
    void fail(int with) {
        failures.add(with);
    }

    /** What answers say that they used. */
    void use(int input, int output) {
        ObjectNode completion = (ObjectNode) Texts.json(body);
        completion.putObject("usage").put("prompt_tokens", input).put("completion_tokens", output);
        body = completion.toString();
    }

    /** Blocks until so many requests have come. */
    void awaitRequests(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> requests.size() >= count);
    }

    /** Ends what is slow at once. */
    void hurry() {
        hurried.countDown();
    }

    /** Answer with this text, the way a model does. */
    void say(String content) {
        ObjectNode completion = JsonNodeFactory.instance.objectNode();
        ObjectNode choice = completion.putArray("choices").addObject().put("finish_reason", "stop");
        choice.putObject("message").put("role", "assistant").put("content", content);
        completion.putObject("usage").put("prompt_tokens", 1_000).put("completion_tokens", 200);
        body = completion.toString();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.add(Texts.JSON.readTree(exchange.getRequestBody().readAllBytes()));
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(authorization == null ? "" : authorization);
            if (abrupt) return;
            if (silent) closed.await();
            String next = bodies.poll();
            byte[] bytes = (next == null ? body : next).getBytes(StandardCharsets.UTF_8);
            headers.forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().putIfAbsent("Content-Type", List.of("application/json"));
            Integer failure = failures.poll();
            exchange.sendResponseHeaders(failure == null ? status : failure, bytes.length == 0 ? -1 : bytes.length);
            if (slow) dribble(exchange, bytes);
            else exchange.getResponseBody().write(bytes);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void dribble(HttpExchange exchange, byte[] bytes) throws IOException, InterruptedException {
        for (byte one : bytes) {
            exchange.getResponseBody().write(one);
            exchange.getResponseBody().flush();
            hurried.await(100, TimeUnit.MILLISECONDS);
            if (closed.getCount() == 0) return;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        hurried.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}

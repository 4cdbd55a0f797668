package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.simulator.Billing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code examples/workflows/agent.yaml} on the packaged program, with a simulated model that calls each tool once. */
class AgentIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String ORDERS = """
            {"openapi": "3.1.0", "paths": {"/orders": {"post": {"operationId": "findOrders", "requestBody": {
              "required": true, "content": {"application/json": {"schema": {"type": "object",
                "required": ["customer", "status"],
                "properties": {"customer": {"type": "integer"}, "status": {"enum": ["open"]}}}}}}}}}}""";

    @TempDir
    Path directory;

    private HttpServer api;
    private Proxied proxied;

    /** How often {@code POST /orders} came, by its idempotency key. */
    private final Map<String, Integer> orders = new ConcurrentHashMap<>();

    /** Of {@code POST /orders}: closed while it is to wait. */
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        api.createContext("/api.json", exchange -> answer(exchange, ORDERS));
        api.createContext("/v1/runs", exchange -> answer(exchange, "{\"runs\": [{\"workflow\": \"a\"}]}"));
        api.createContext("/orders", this::order);
        api.start();
        // A lease of 3 s only shortens the wait; the default of 15 s does the same later.
        proxied = Proxied.start(directory, "-Dsluice.dispatch.lease=3s");
        deploy(Files.readString(Path.of("examples/workflows/routing.yaml")));
        deploy(Files.readString(Path.of("examples/workflows/agent.yaml")).replace("http://127.0.0.1:8080", api("")));
    }

    @AfterEach
    void stop() throws IOException {
        gate.countDown();
        proxied.close();
        api.stop(0);
    }

    private String api(String path) {
        return "http://127.0.0.1:" + api.getAddress().getPort() + path;
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void order(HttpExchange exchange) throws IOException {
        orders.merge(String.valueOf(exchange.getRequestHeaders().getFirst("idempotency-key")), 1, Integer::sum);
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answer(exchange, "[{\"order\": \"o-1\"}]");
    }

    private void deploy(String document) {
        Sluice.Answer answer = proxied.sluice.post("/v1/workflows", "application/yaml", document);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }

    private String run() {
        String input = "{\"task\": \"Look into it.\", \"api\": \"" + api("/api.json") + "\"}";
        Sluice.Answer started = proxied.sluice.post("/v1/workflows/agent/runs", "application/json", input);
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        return started.body().path("id").asText();
    }

    /** How many visits of steps of this name have succeeded. */
    private static long finished(JsonNode run, String name) {
        return run.path("steps")
                .valueStream()
                .filter(step -> step.path("step").asText().replaceAll("#.*", "").endsWith("/" + name))
                .filter(step -> step.path("status").asText().equals("succeeded"))
                .count();
    }

    private JsonNode assertAnswered(String id) {
        JsonNode run = proxied.sluice.awaitEnd(id, PATIENCE);
        assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
        assertThat(run.at("/output/answer").asText()).isNotBlank();
        assertThat(run.at("/output/turns").asInt()).isEqualTo(2);
        for (String tool : List.of("classify", "getRuns", "getOrders", "findDesk")) {
            assertThat(finished(run, tool)).as(tool).isEqualTo(1);
        }
        assertThat(finished(run, "ask")).isEqualTo(2);
        assertThat(orders).as("one effect, whatever was repeated").hasSize(1);
        return run;
    }

    @Test
    void eachToolThatTheModelCallsIsAStepAndItsCostIsTheRuns() {
        String id = run();
        JsonNode run = assertAnswered(id);
        JsonNode calls = proxied.sluice.get("/v1/runs/" + id + "/calls").body().path("calls");
        assertThat(calls)
                .hasSize(3)
                .allMatch(call -> call.path("outcome").asText().equals("answered"));
        long micros = calls.valueStream()
                .mapToLong(call -> call.path("costMicros").asLong())
                .sum();
        assertThat(run.at("/cost/micros").asLong()).isEqualTo(micros).isPositive();
        assertThat(orders.keySet().iterator().next()).startsWith(id + ":").contains("/getOrders");
    }

    @Test
    void aProcessThatIsKilledWhileAToolWorksBuysNoAnswerAndRunsNoOtherToolAgain() throws IOException {
        gate = new CountDownLatch(1);
        String id = run();
        await("all tools but one").atMost(PATIENCE).until(() -> {
            JsonNode run = proxied.sluice.run(id).body();
            return !orders.isEmpty()
                    && finished(run, "classify") == 1
                    && finished(run, "getRuns") == 1
                    && finished(run, "findDesk") == 1;
        });
        proxied.sluice.kill();
        gate.countDown();
        proxied.sluice.start();
        assertAnswered(id);
        assertThat(orders.values()).containsExactly(2);
        Billing billing = proxied.model.billing();
        // Two turns, the tool that classifies, and that of the run that finds the desk.
        assertThat(billing.billed()).isEqualTo(4);
    }

    @Test
    void vectorsAndValuesFromImagesAreAskedForAndPaidLikeAllElse() {
        deploy("""
                document:
                  { dsl: '1.0.1', namespace: test, name: seen, version: '1.0.0', metadata: { budget: { run: 0.05 } } }
                do:
                - embed: { call: embed, with: { input: [one, two] }, export: { as: '${ .vectors }' } }
                - ask:
                    call: ask
                    with:
                      prompt: What is it?
                      images: [ 'data:image/gif;base64,R0lGODdh' ]
                      schema: { type: object, required: [label], properties: { label: { enum: [pump] } } }
                    output: { as: '${ { label: .value.label, vectors: ($context | length) } }' }
                """);
        Sluice.Answer started = proxied.sluice.post("/v1/workflows/seen/runs", "application/json", "{}");
        String id = started.body().path("id").asText();
        JsonNode run = proxied.sluice.awaitEnd(id, PATIENCE);
        assertThat(run.path("output").toString()).as(run.toString()).isEqualTo("{\"label\":\"pump\",\"vectors\":2}");
        assertThat(proxied.sluice.get("/v1/runs/" + id + "/calls").body().path("calls"))
                .hasSize(2)
                .allMatch(call -> call.path("costMicros").asLong() > 0);
    }
}

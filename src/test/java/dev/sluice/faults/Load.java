package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.scenario.Sluice;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts runs of a workflow of four calls, on behalf of a tenant of its name, one after another, as a careful client
 * does: what got no answer, or one that says "later", is sent again with its idempotency key.
 */
final class Load {
    /** 60 s: the longest that a story keeps a server from accepting a start, four times over. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Steps with a function of their own in each run. */
    static final int CALLS = 4;

    /** Seldom reached; what holds a permit must give it back. */
    private static final String LIMIT = "{ name: together, key: '${ .tenant }', max: 12 }";

    private final Sluice server;
    private final String workflow;
    private final int count;
    private final Duration interval;

    /** Run to the number it was started with. */
    private final Map<String, Integer> accepted = new ConcurrentHashMap<>();

    private Thread thread;

    private Load(Sluice server, String workflow, int count, Duration interval) {
        this.server = server;
        this.workflow = workflow;
        this.count = count;
        this.interval = interval;
    }

    /**
     * @param function what every step calls
     * @param interval between two starts
     */
    static Load start(Sluice server, String workflow, String function, int count, Duration interval) {
        var load = new Load(server, workflow, count, interval);
        load.deploy(function);
        load.thread = Thread.ofVirtual().start(() -> {
            for (int n = 1; n <= count; n++) {
                load.accept(n);
                LockSupport.parkNanos(interval.toNanos());
            }
        });
        return load;
    }

    private void deploy(String function) {
        String tenant = "tenant: '${ $workflow.input.tenant }' } }";
        String call = "{ call: " + function + ", with: { n: '${ .n }', " + tenant;
        String source = "document:\n  { dsl: '1.0.1', namespace: test, name: " + workflow + ", version: '1.0.0',\n"
                + "    metadata: { queue: { tenant: '${ .tenant }', limits: [ " + LIMIT + " ] } } }\ndo:\n"
                + "- a: " + call + "\n"
                + "- both: { fork: { branches: [ { c: " + call + " }, { d: " + call + " } ] } }\n"
                + "- e: { call: " + function + ", with: { n: '${ .[0].n + .[1].n }', " + tenant + "\n";
        var answer = server.post("/v1/workflows", "application/yaml", source);
        assertThat(answer.status()).as(answer.text()).isBetween(200, 201);
    }

    private void accept(int number) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            try {
                var answer = server.post(
                        "/v1/workflows/" + workflow + "/runs",
                        "application/json",
                        "{\"n\":" + number + ",\"tenant\":\"" + workflow + "\"}",
                        "Idempotency-Key",
                        workflow + "-" + number);
                if (answer.status() == 202) {
                    accepted.put(answer.body().path("id").asText(), number);
                    return;
                }
                assertThat(answer.status()).as(answer.text()).isIn(429, 503);
            } catch (UncheckedIOException e) {
                // No answer: it may have been accepted, and its key tells.
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        throw new AssertionError("run " + number + " of " + workflow + " was not accepted");
    }

    /** The runs, when all have been accepted. */
    List<String> runs() throws InterruptedException {
        thread.join(PATIENCE.plus(interval.multipliedBy(count)));
        assertThat(accepted).as("accepted starts of " + workflow).hasSize(count);
        return List.copyOf(accepted.keySet());
    }

    int acceptedSoFar() {
        return accepted.size();
    }

    /** Each run has succeeded with the output that follows from its input. */
    void assertOutputs() {
        accepted.forEach((id, n) -> {
            JsonNode run = server.run(id).body();
            assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
            assertThat(run.at("/output/n").asInt()).as(run.toString()).isEqualTo(2 * n + 5);
        });
    }
}

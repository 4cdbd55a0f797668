package dev.sluice.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Time per step in short and long runs, one run after the other, each a loop that calls a function: from the answer
 * that accepted the run to the event of the feed that says that it has succeeded, by its number of steps.
 */
final class Length implements Scenario {
    private static final int SHORTEST = 10;

    /** There and back: what gets faster or slower meanwhile counts for all alike. */
    private static final int[] LENGTHS = {10, 100, 1_000, 10_000, 10_000, 1_000, 100, 10};

    /** Of each length on each way: as many runs of the short ones as one of the longest has steps. */
    private static final int STEPS = 10_000;

    private static final Duration RUN_MAX = Duration.ofMinutes(5);

    static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: bench, name: length, version: '1.0.0' }
            do:
              - each:
                  for: { in: '${ [range($workflow.input.steps)] }' }
                  do:
                    - last: { call: noop, with: { n: '${ $item }' } }
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String title(Settings settings) {
        return "one run at a time, of 10 to 10,000 steps; " + 2 * STEPS + " steps of each length";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            world.server.deploy(WORKFLOW);
            Steps.warmUp(world, settings);
            var ends = new ConcurrentHashMap<String, CompletableFuture<Long>>();
            Map<Integer, Double> millis = new TreeMap<>();
            try (Feed feed =
                    Feed.open(world.server.port, (id, nanos) -> end(ends, id).complete(nanos))) {
                run(world, ends, SHORTEST, STEPS / SHORTEST / 2);
                for (int length : LENGTHS) {
                    millis.merge(length, run(world, ends, length, STEPS / length), Double::sum);
                }
                feed.check();
            }
            millis.forEach((length, all) -> figures.add("ms per step, run of " + length, all / STEPS / 2));
            millis.forEach((length, all) ->
                    figures.add("time per step against that of 10, run of " + length, all / millis.get(SHORTEST)));
        }
    }

    /** @return how long so many runs took, in ms */
    private static double run(World world, Map<String, CompletableFuture<Long>> ends, int length, int runs)
            throws IOException {
        double millis = 0;
        for (int i = 0; i < runs; i++) {
            var answer =
                    world.server.post("/v1/workflows/length/runs", "application/json", "{\"steps\":" + length + "}");
            long accepted = System.nanoTime();
            String id = JSON.readTree(answer.body()).path("id").asText();
            millis += (await(id, end(ends, id)) - accepted) / 1e6;
            ends.remove(id);
        }
        return millis;
    }

    /** The event may be here before the answer to the start. */
    private static CompletableFuture<Long> end(Map<String, CompletableFuture<Long>> ends, String id) {
        return ends.computeIfAbsent(id, run -> new CompletableFuture<>());
    }

    private static long await(String id, CompletableFuture<Long> end) throws IOException {
        try {
            return end.get(RUN_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IOException(id + " has not ended within " + RUN_MAX, e);
        }
    }
}

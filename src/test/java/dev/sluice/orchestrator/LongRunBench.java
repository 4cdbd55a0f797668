package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Delivery;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Time per step in a long run and in a short one, over a real Redis, one step after the other: load, decide, commit,
 * deliver, settle. {@code make bench-steps}; the figures stand in docs/performance.md.
 */
class LongRunBench {
    private static final int LONG = 10_000;
    private static final int SHORT = 10;
    private static final int ROUNDS = 5;

    /** Maven keeps what a test prints to itself; the make target shows this file. */
    private static final Path FIGURES = Path.of("target", "bench-steps.txt");

    private final RealStore store = new RealStore();
    private final SmallWorld.Parts parts = SmallWorld.parts(store);
    private final Definition definition =
            parts.definitions().deploy(RealStore.document("w", """
                    do:
                      - loop:
                          for: { in: '[range($workflow.input.steps)]' }
                          do: [ { x: { call: f, with: { n: '${ $item }' } } } ]
                    """)).definition();

    @Test
    void timePerStep() {
        microsPerStep(SHORT, 100);
        var ratios = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            double inShort = microsPerStep(SHORT, LONG / SHORT / 2);
            double inLong = microsPerStep(LONG, 1);
            ratios.add(inLong / inShort);
            print(
                    "%d steps: %.0f µs a step; %d steps: %.0f µs a step; ratio %.2f",
                    SHORT, inShort, LONG, inLong, inLong / inShort);
        }
        Collections.sort(ratios);
        print("ratio: median %.2f (%.2f to %.2f)", ratios.get(ROUNDS / 2), ratios.getFirst(), ratios.getLast());
    }

    private double microsPerStep(int steps, int runs) {
        long began = System.nanoTime();
        for (int i = 0; i < runs; i++) run(steps);
        return (System.nanoTime() - began) / 1_000.0 / steps / runs;
    }

    private void run(int steps) {
        String id = RealStore.runId();
        store.runs.start(definition, id, json("{steps: " + steps + "}"), T0);
        parts.orchestrator().drain(P);
        for (int i = 0; i < steps; i++) {
            List<Delivery> taken = store.redis.tasks.take(P, "f", "d", 1, T0, task -> "");
            // At a chunk's end one more event is taken in first.
            assertThat(taken).hasSize(1);
            var task = taken.getFirst().task();
            var encoded = store.events.encode(new Event.StepSucceeded(
                    task.step(), task.attempt(), Value.of(json("{done: true}")), Usage.NONE, T0, T0));
            store.redis.tasks.settle(taken.getFirst(), encoded.event(), encoded.data());
            parts.orchestrator().drain(P);
        }
        assertThat(store.runs.find(id).orElseThrow().status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    private static void print(String format, Object... values) {
        try {
            String line = String.format(Locale.ROOT, format, values) + "\n";
            Files.writeString(FIGURES, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

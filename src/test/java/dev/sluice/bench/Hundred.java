package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs of 100 steps that come at a fixed rate, whatever becomes of those before: does the backlog grow? Once with steps
 * that all call a function over HTTP, and once with 97 that the machine takes by itself and three that call.
 */
final class Hundred implements Scenario {
    private static final double RATE = 150;
    private static final int STEPS = 100;
    private static final int SAMPLE_MILLIS = 1_000;

    /** A tenth of the samples at either end are compared, without the very first. */
    private static final int PART = 10;

    private static double rate(Settings settings) {
        return settings.rate() > 0 ? settings.rate() : RATE;
    }

    @Override
    public String title(Settings settings) {
        return "runs of 100 steps, " + rate(settings) + " started a second for "
                + settings.length().toSeconds() + " s";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        measure("3 calls, 97 set", 3, settings, figures, detail);
        measure("100 calls", STEPS, settings, figures, detail);
    }

    /** @param calls 3, or all of them */
    static String workflow(int calls) {
        var text = new StringBuilder("""
                document: { dsl: '1.0.1', namespace: bench, name: hundred, version: '1.0.0' }
                do:
                """);
        for (int i = 1; i < STEPS; i++) {
            // The calls among the others cut them in equal parts.
            boolean isCall = calls == STEPS || i == STEPS / 3 || i == 2 * STEPS / 3;
            text.append("  - step").append(i).append(isCall ? ": { call: noop, with: " : ": { set: ");
            text.append("{ n: ").append(i).append(" } }\n");
        }
        return text.append("  - last: { call: noop, with: { n: 100 } }\n").toString();
    }

    private void measure(String kind, int calls, Settings settings, Figures figures, ObjectNode detail)
            throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            world.server.deploy(workflow(calls));
            Steps.warmUp(world, settings);
            long before = world.server.count("succeeded");
            var plan = new Load.Plan("hundred", "{}", 0, rate(settings), settings.connections());
            try (Load load = Load.start(plan, world)) {
                Moment from = Moment.now(world, load);
                List<Long> samples = sample(world, load, settings.length(), before);
                Moment grown = Moment.now(world, load).since(from);
                load.stop();
                long began = System.nanoTime();
                long lost = world.unfinished(
                        before + load.accepted, settings.length().plus(Steps.DRAIN_MAX));
                Moment whole = Moment.now(world, load).since(from);
                figures.add(kind + ": finished/s", grown.finished() / grown.seconds());
                figures.add(kind + ": steps/s", grown.calls() * STEPS / calls / grown.seconds());
                figures.add(kind + ": CPU ms per run", whole.cpuMillisOfAll() / whole.finished());
                tell(kind, samples, rate(settings), figures);
                figures.add(kind + ": started/s", load.accepted / grown.seconds());
                figures.add(kind + ": s until the rest had finished", (System.nanoTime() - began) / 1e9);
                figures.add(kind + ": lost", lost);
                figures.add(kind + ": refused", load.refused);
                ArrayNode all = detail.putArray("backlogEachSecond, " + kind);
                samples.forEach(all::add);
            }
        }
    }

    /** Runs that were accepted and have not succeeded, each second. */
    private static List<Long> sample(World world, Load load, Duration length, long before) throws IOException {
        var samples = new ArrayList<Long>();
        for (long i = 0; i < length.toMillis() / SAMPLE_MILLIS; i++) {
            Pause.millis(SAMPLE_MILLIS);
            long accepted = load.accepted;
            samples.add(accepted - (world.server.count("succeeded") - before));
        }
        return samples;
    }

    private static void tell(String kind, List<Long> samples, double rate, Figures figures) {
        int part = Math.max(1, samples.size() / PART);
        double early = mean(samples.subList(Math.min(part, samples.size() - 1), Math.min(2 * part, samples.size())));
        double late = mean(samples.subList(samples.size() - part, samples.size()));
        figures.add(kind + ": unfinished runs, early", early);
        figures.add(kind + ": unfinished runs, late", late);
        // More than a second's worth of starts: less is the breathing of a queue that keeps up.
        figures.add(kind + ": backlog grew (1) or not (0)", late - early > rate ? 1 : 0);
    }

    private static double mean(List<Long> values) {
        return values.stream().mapToLong(v -> v).average().orElse(0);
    }
}

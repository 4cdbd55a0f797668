package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;

/** What a step costs Redis when the same load is spread over more partitions, or over more nodes of a cluster. */
final class SpreadCost implements Scenario {
    private static final String AT_REST = "commands sent per second at rest";
    private static final Duration REST = Duration.ofSeconds(3);

    private final String of;
    private final List<Integer> counts;
    private final BiFunction<Settings, Integer, Settings> with;

    private SpreadCost(String of, List<Integer> counts, BiFunction<Settings, Integer, Settings> with) {
        this.of = of;
        this.counts = counts;
        this.with = with;
    }

    static SpreadCost overPartitions() {
        return new SpreadCost(
                "partitions",
                List.of(1, 4, 16),
                (settings, count) -> settings.withOptions(List.of("-Dsluice.queue.partitions=" + count)));
    }

    /** With 12 partitions throughout: every node of six has some. */
    static SpreadCost overNodes() {
        return new SpreadCost(
                "nodes",
                List.of(1, 3, 6),
                (settings, count) -> settings.withNodes(count).withOptions(List.of("-Dsluice.queue.partitions=12")));
    }

    @Override
    public String title(Settings settings) {
        return "runs of 3 steps by number of " + of + ", " + settings.inFlight() + " in flight, "
                + each(settings).toSeconds() + " s each";
    }

    private Duration each(Settings settings) {
        return settings.length().dividedBy(counts.size());
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        double commandsOfOne = 0;
        double bytesOfOne = 0;
        for (int count : counts) {
            var costs = new Figures();
            measure(with.apply(settings, count), each(settings), costs, detail.putObject(of + " " + count));
            double commands = costs.median(Steps.COMMANDS_SENT);
            double bytes = costs.median(Steps.BYTES_IN) + costs.median(Steps.BYTES_OUT);
            if (count == counts.getFirst()) {
                commandsOfOne = commands;
                bytesOfOne = bytes;
            }
            String at = of + " " + count + ": ";
            figures.add(at + "commands sent per step", commands);
            figures.add(at + "commands against " + counts.getFirst(), commands / commandsOfOne);
            figures.add(at + "bytes per step, both ways", bytes);
            figures.add(at + "bytes against " + counts.getFirst(), bytes / bytesOfOne);
            figures.add(at + "CPU ms per run", costs.median(Steps.CPU));
            figures.add(at + "steps/s", costs.median(Steps.RATE));
            figures.add(at + AT_REST, costs.median(AT_REST));
        }
    }

    private static void measure(Settings settings, Duration length, Figures costs, ObjectNode detail)
            throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            Steps.warmUp(world, settings);
            costs.add(AT_REST, world.monitor(REST).count() / (double) REST.toSeconds());
            Moment grown = Steps.busy(world, settings, length);
            Steps.tell(grown, costs, detail);
            Steps.sampleApart(world, settings, costs, detail);
        }
    }
}

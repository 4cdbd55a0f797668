package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;

/** What a step costs Redis when the runs are spread over more partitions. */
final class PartitionCost implements Scenario {
    private static final int[] PARTITIONS = {1, 4, 16};

    private static final String AT_REST = "commands sent per second at rest";
    private static final int REST_SECONDS = 3;

    @Override
    public String title(Settings settings) {
        return "runs of 3 steps at 1, 4 and 16 partitions, " + settings.inFlight() + " in flight, "
                + settings.length().dividedBy(PARTITIONS.length).toSeconds() + " s each";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        Duration each = settings.length().dividedBy(PARTITIONS.length);
        double commandsOfOne = 0;
        double bytesOfOne = 0;
        for (int count : PARTITIONS) {
            var costs = new Figures();
            measure(
                    settings.withOptions("-Dsluice.queue.partitions=" + count),
                    each,
                    costs,
                    detail.putObject("at" + count));
            double commands = costs.median(Steps.COMMANDS_SENT);
            double bytes = costs.median(Steps.BYTES_IN) + costs.median(Steps.BYTES_OUT);
            if (count == 1) {
                commandsOfOne = commands;
                bytesOfOne = bytes;
            }
            String at = count == 1 ? "1 partition: " : count + " partitions: ";
            figures.add(at + "commands sent per step", commands);
            figures.add(at + "commands against 1 partition", commands / commandsOfOne);
            figures.add(at + "bytes per step, both ways", bytes);
            figures.add(at + "bytes against 1 partition", bytes / bytesOfOne);
            figures.add(at + "CPU ms per run", costs.median(Steps.CPU));
            figures.add(at + "commands sent per second at rest", costs.median(AT_REST));
        }
    }

    private static void measure(Settings settings, Duration length, Figures costs, ObjectNode detail)
            throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            Steps.busy(world, settings, settings.warmUp());
            costs.add(AT_REST, atRest(world));
            Moment grown = Steps.busy(world, settings, length);
            Steps.tell(grown, costs, detail);
            Steps.sampleApart(world, settings, costs, detail);
        }
    }

    /** What the server sends when nothing is under way: it looks for what it may have missed. */
    private static double atRest(World world) throws IOException {
        try (Monitor monitor = Monitor.start(new Resp(world.redis.port));
                Resp other = new Resp(world.redis.port)) {
            Pause.millis(REST_SECONDS * 1_000L);
            return monitor.stop(other).count() / (double) REST_SECONDS;
        }
    }
}

package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;

/**
 * Runs that wait for a signal: the memory that each takes in Redis, and what they cost the runs beside them. In the end
 * some of them get their signal, which shows that they were runs that wait and not dead weight.
 */
final class Parked implements Scenario {
    private static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: bench, name: parked, version: '1.0.0' }
            do:
              - answer:
                  listen: { to: { one: { with: { type: bench.answer } } } }
            """;

    /** 5,000: enough for full batches, and an inbox that stays short. */
    private static final int UNPARKED_MAX = 5_000;

    private static final int WOKEN = 100;
    private static final int LOOK_MILLIS = 250;

    /** At 100 a second, which every machine does, 1,000,000 take three hours. */
    private static final Duration PARKING_MAX = Duration.ofHours(3);

    @Override
    public String title(Settings settings) {
        return settings.parked() + " runs that wait for a signal, and short runs beside them";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        Duration half = settings.length().dividedBy(2);
        try (World world = World.start(settings)) {
            world.server.deploy(Steps.WORKFLOW);
            world.server.deploy(WORKFLOW);
            Steps.warmUp(world, settings);
            // Once for nothing: what comes first is compared with what comes later, and a JVM gets faster for long.
            Steps.busy(world, settings, half);
            Moment empty = Steps.busy(world, settings, half);
            long before = memory(world);
            double seconds = park(world, settings);
            figures.add("parked runs", world.server.count("waiting"));
            figures.add("bytes of Redis per parked run", (memory(world) - before) / (double) settings.parked());
            figures.add("parked a second", settings.parked() / seconds);
            Moment beside = Steps.busy(world, settings, half);
            tell(empty, beside, figures);
            figures.add("woken of " + WOKEN, wake(world));
        }
    }

    private static void tell(Moment empty, Moment beside, Figures figures) {
        double rateOfEmpty = empty.finished() / empty.seconds();
        double rateBeside = beside.finished() / beside.seconds();
        figures.add("runs/s, nothing parked", rateOfEmpty);
        figures.add("runs/s beside the parked", rateBeside);
        figures.add("runs/s beside the parked, % of empty", 100 * rateBeside / rateOfEmpty);
        double cpuOfEmpty = empty.cpuMillisOfAll() / empty.finished();
        double cpuBeside = beside.cpuMillisOfAll() / beside.finished();
        figures.add("CPU per run beside the parked, % of empty", 100 * cpuBeside / cpuOfEmpty);
    }

    private static long memory(World world) throws IOException {
        Pause.millis(2_000);
        return world.info().number("used_memory");
    }

    /** @return how many seconds it took until all were waiting */
    private static double park(World world, Settings settings) throws IOException {
        long began = System.nanoTime();
        var plan = new Load.Plan("parked", "{\"order\":4711}", UNPARKED_MAX, 0, settings.connections());
        try (Load load = Load.start(plan, world.server.port, 0, (id, posted, accepted) -> {})) {
            load.most = settings.parked();
            boolean done = Pause.until(PARKING_MAX, LOOK_MILLIS, () -> {
                load.lasts = world.server.count("waiting");
                return load.lasts >= settings.parked();
            });
            if (!done) throw new IOException("after " + PARKING_MAX + " only " + load.lasts + " runs wait");
            load.stop();
        }
        return (System.nanoTime() - began) / 1e9;
    }

    /** @return how many of those that got a signal have ended */
    private static long wake(World world) throws IOException {
        long before = world.server.count("succeeded");
        JsonNode some = world.server.json("/v1/runs?workflow=parked&status=waiting&limit=" + WOKEN);
        for (JsonNode run : some.path("runs")) {
            world.server.post(
                    "/v1/runs/" + run.path("id").asText() + "/signals",
                    "application/json",
                    "{\"type\":\"bench.answer\",\"data\":{}}");
        }
        return WOKEN - world.unfinished(before + WOKEN, Duration.ofSeconds(30));
    }
}

package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Short runs, as many as the machine can do: the start by HTTP, three steps, each a CloudEvent over HTTP. */
final class Steps implements Scenario {
    static final String RATE = "durable steps/s";
    static final String CPU = "CPU ms per run, all processes";
    static final String BYTES_IN = "bytes into Redis per step";
    static final String BYTES_OUT = "bytes out of Redis per step";
    static final String COMMANDS_SENT = "Redis commands sent per step";
    static final int STEPS = 3;
    static final String WORKFLOW = """
            document: { dsl: '1.0.1', namespace: bench, name: steps, version: '1.0.0' }
            do:
              - first: { call: noop, with: { n: 1 } }
              - second: { call: noop, with: { n: 2 } }
              - last: { call: noop, with: { n: 3 } }
            """;

    static final Duration DRAIN_MAX = Duration.ofSeconds(120);

    /** Half a second: so long it takes until as many runs are in flight as may be. */
    private static final Duration SETTLING = Duration.ofMillis(500);

    /** 6,000: after these the processor time of a run changes little more. */
    private static final int WARM_RUNS = 6_000;

    private static final Duration SAMPLE = Duration.ofSeconds(1);

    @Override
    public String title(Settings settings) {
        return "runs of 3 steps, " + settings.inFlight() + " in flight, "
                + settings.length().toSeconds() + " s";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        try (World world = World.start(settings)) {
            world.server.deploy(WORKFLOW);
            try (Load load = Load.start(plan(settings), world)) {
                warmUp(load, settings);
                Moment before = Moment.now(world, load);
                Pause.millis(settings.length().toMillis());
                Moment grown = Moment.now(world, load).since(before);
                tell(grown, figures, detail);
                figures.add("server resident, MiB", world.server.child.residentBytes() / 1048576.0);
                sample(world, load, figures, detail);
                load.stop();
                figures.add("lost", world.unfinished(load.accepted, DRAIN_MAX));
                figures.add("refused", load.refused);
                if (!load.complaint.isEmpty()) detail.put("complaint", load.complaint);
            }
        }
    }

    private static Load.Plan plan(Settings settings) {
        return new Load.Plan("steps", "{\"n\":1}", settings.inFlight(), 0, settings.connections());
    }

    /** Short runs until the server is warm, and nothing left of them. */
    static void warmUp(World world, Settings settings) throws IOException {
        try (Load load = Load.start(plan(settings), world)) {
            warmUp(load, settings);
            load.stop();
            world.unfinished(load.accepted, DRAIN_MAX);
        }
    }

    /** So long as it was asked for, and on a busy machine until the JVM has had enough runs to compile what is hot. */
    private static void warmUp(Load load, Settings settings) throws IOException {
        Pause.millis(settings.warmUp().toMillis());
        Pause.until(settings.warmUp().multipliedBy(4), 50, () -> load.lasts >= WARM_RUNS);
    }

    /**
     * Short runs for {@code length}, and nothing left of them.
     *
     * @return what they took
     */
    static Moment busy(World world, Settings settings, Duration length) throws IOException {
        try (Load load = Load.start(plan(settings), world)) {
            long before = world.server.count("succeeded");
            Pause.millis(SETTLING.toMillis());
            Moment from = Moment.now(world, load);
            Pause.millis(length.toMillis());
            Moment grown = Moment.now(world, load).since(from);
            load.stop();
            world.unfinished(before + load.accepted, DRAIN_MAX);
            return grown;
        }
    }

    /** What the window showed. */
    static void tell(Moment grown, Figures figures, ObjectNode detail) {
        double steps = grown.calls();
        figures.add(RATE, steps / grown.seconds());
        figures.add("runs/s", grown.finished() / grown.seconds());
        figures.add(CPU, grown.cpuMillisOfAll() / grown.finished());
        grown.cpuMillis()
                .forEach((process, millis) -> figures.add("CPU ms per run, " + process, millis / grown.finished()));
        figures.add("generator's share of CPU, %", 100 * grown.cpuMillis().get("generator") / grown.cpuMillisOfAll());
        figures.add("cores busy", grown.cpuMillisOfAll() / 1_000 / grown.seconds());
        costs(grown.redis(), steps, figures, detail);
    }

    /** Per step, from Redis' own counters. */
    static void costs(Info redis, double steps, Figures figures, ObjectNode detail) {
        figures.add("Redis commands per step, with those in scripts", redis.number("total_commands_processed") / steps);
        figures.add("script calls per step", redis.scripts() / steps);
        figures.add("reads of sockets by Redis per step", redis.number("total_reads_processed") / steps);
        figures.add(BYTES_IN, redis.number("total_net_input_bytes") / steps);
        figures.add(BYTES_OUT, redis.number("total_net_output_bytes") / steps);
        perStep(detail.putObject("commandsPerStepWithThoseInScripts"), redis.calls(), steps);
        perStep(detail.putObject("microsecondsOfRedisPerStep"), redis.micros(), steps);
    }

    /** The same as {@link #sample}, with a load of its own. */
    static void sampleApart(World world, Settings settings, Figures figures, ObjectNode detail) throws IOException {
        try (Load load = Load.start(plan(settings), world)) {
            Pause.millis(SETTLING.toMillis());
            sample(world, load, figures, detail);
            load.stop();
        }
    }

    /** What clients sent, in a second of the same load after the window. */
    static void sample(World world, Load load, Figures figures, ObjectNode detail) throws IOException {
        long before = load.calls;
        Monitor.Commands commands = world.monitor(SAMPLE);
        double steps = load.calls - before;
        figures.add(COMMANDS_SENT, commands.count() / steps);
        perStep(detail.putObject("commandsSentPerStep"), commands.sent(), steps);
        perStep(detail.putObject("commandsOfScriptsPerStep"), commands.inScripts(), steps);
    }

    static void perStep(ObjectNode into, Map<String, Long> counts, double steps) {
        counts.forEach((name, count) -> put(into, name, count / steps));
    }

    private static void put(ObjectNode into, String name, double perStep) {
        if (perStep >= 0.001) into.put(name, Math.round(perStep * 1_000) / 1_000.0);
    }
}

package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Options;
import dev.sluice.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The workflow that Sluice ships with, its three questions answered by {@link Simulator}. */
final class Documents implements Scenario {
    /** Of each of the three functions. Fewer in sum than the dispatcher's connections to one host. */
    private static final int WINDOW = 160;

    private static final Duration DRAIN_MAX = Duration.ofMinutes(10);

    @Override
    public String title(Settings settings) {
        return settings.documents() + " documents, model simulated at " + Options.TOKENS_PER_SECOND
                + " tokens/s a stream, " + settings.inFlight() + " in flight";
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        int port = World.port(settings);
        Path log = World.directory(settings).resolve("model.log");
        try (Child model = Child.start(log, Functions.command(Simulator.class, "port=" + port, "first-token=0"));
                World world = World.start(settings.withOptions(options(port)))) {
            world.count("model", model);
            var plan = new Load.Plan("document-analysis", input(), settings.inFlight(), 0, settings.connections());
            // The first fifth warms up; it is not counted.
            int first = settings.documents() / 5;
            try (Load load = Load.start(plan, world.server.port, port, (id, posted, accepted) -> {})) {
                load.most = first + settings.documents();
                Pause.until(DRAIN_MAX, 200, () -> world.server.count("succeeded") >= first);
                Moment before = Moment.now(world, load);
                Pause.until(
                        DRAIN_MAX,
                        20,
                        () -> world.server.count("succeeded") >= load.most || !world.server.child.isAlive());
                Moment grown = Moment.now(world, load).since(before);
                figures.add("documents/hour", grown.finished() * 3_600 / grown.seconds());
                figures.add("CPU ms per document, all processes", grown.cpuMillisOfAll() / grown.finished());
                grown.cpuMillis()
                        .forEach((process, millis) ->
                                figures.add("CPU ms per document, " + process, millis / grown.finished()));
                figures.add("answers of the model/s", grown.calls() / grown.seconds());
                figures.add("lost", load.accepted - world.server.count("succeeded"));
                figures.add("failed", world.server.count("failed"));
                figures.add("refused", load.refused);
            }
        }
    }

    private static List<String> options(int port) {
        String endpoint = "-Dsluice.inference.endpoints.bench.";
        var options = new ArrayList<>(List.of(
                "-Dsluice.inference.model=bench",
                endpoint + "url=http://127.0.0.1:" + port + "/v1",
                endpoint + "model=simulated",
                endpoint + "input-price=0",
                endpoint + "output-price=0",
                endpoint + "concurrency=" + 3 * WINDOW));
        for (String function : List.of("extract", "classify", "summarize")) {
            String window = "-Dsluice.dispatch.functions." + function + ".window.";
            options.add(window + "initial=" + WINDOW);
            options.add(window + "max=" + WINDOW);
        }
        return options;
    }

    /** A letter of two pages, its text in the input. */
    private static String input() {
        String text = "Invoice 4711 of 2026-03-01\nDear Ms Miller,\n"
                + "please find below what we delivered in February, and what is still to come. ".repeat(40)
                + "\nTotal: 1,234.50 EUR, due in 30 days.\nYours sincerely, A. Smith, Example Ltd.";
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.putObject("document").put("name", "invoice-4711.txt").put("text", text);
        return input.toString();
    }
}

package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What Sluice's own OpenAI endpoint adds to a call of a model that answers at once: in time at {@code RATE} (200) calls
 * a second, and in processor time when as many as possible go through it. The model has a price, and day and tenant
 * have budgets, so that each call is reserved, settled and booked.
 */
final class Inference implements Scenario {
    private static final double RATE = 200;
    private static final int CONNECTIONS = 64;
    private static final String PATH = "/openai/v1/chat/completions";
    private static final String DIRECT_PATH = "/v1/chat/completions";

    /** What is asked of the proxy. */
    private enum Kind {
        WHOLE,
        STREAMS,
        /** As functions ask, each in a run of its own: the answer is journaled and has a line in the ledger. */
        JOURNALED;

        Starter starter(World world) {
            String[] headers = this == JOURNALED
                    ? new String[] {
                        "sluice-tenant: acme", "sluice-run: default.local.0-" + Starter.NUMBER, "sluice-step: /do/0/a"
                    }
                    : new String[] {"sluice-tenant: acme"};
            return new Starter(Load.VERTX, world.server.port, PATH, question(this == STREAMS), headers);
        }
    }

    @Override
    public String title(Settings settings) {
        return rate(settings) + " calls a second, then " + CONNECTIONS
                + " connections, whole answers, streams of 12 events and journaled ones, model that answers at once";
    }

    private static double rate(Settings settings) {
        return settings.rate() > 0 ? settings.rate() : RATE;
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        int port = World.port(settings);
        Path log = World.directory(settings).resolve("model.log");
        var command = Functions.command(Simulator.class, "port=" + port, "instant=true");
        try (Child model = Child.start(log, command);
                World world = World.start(settings.withOptions(options(port)))) {
            world.count("model", model);
            for (Kind kind : Kind.values()) warmUp(kind, world, settings);
            for (Kind kind : Kind.values()) together(kind, world, port, settings, figures);
            // Last: the JVM has compiled by then what is hot, and does so no longer beside it.
            paced(world, port, settings, figures);
        }
    }

    private static List<String> options(int port) {
        String endpoint = "-Dsluice.inference.endpoints.bench.";
        return List.of(
                "-Dsluice.roles=inference",
                "-Dsluice.inference.model=bench",
                endpoint + "url=http://127.0.0.1:" + port + "/v1",
                endpoint + "model=simulated",
                endpoint + "input-price=0.4",
                endpoint + "output-price=2.5",
                endpoint + "concurrency=1024",
                "-Dsluice.inference.budgets.day=1000000",
                "-Dsluice.inference.budgets.tenant-day=1000000");
    }

    /** 60 tokens of prompt. */
    static String question(boolean stream) {
        ObjectNode question = JsonNodeFactory.instance.objectNode().put("model", "bench");
        question.putArray("messages").addObject().put("role", "user").put("content", "What does it say? ".repeat(13));
        question.put("max_completion_tokens", 200);
        if (stream) question.put("stream", true);
        return question.toString();
    }

    private static void warmUp(Kind kind, World world, Settings settings) throws IOException {
        try (Calls calls = Calls.together(kind.starter(world), CONNECTIONS)) {
            Pause.millis(settings.warmUp().toMillis() / 2);
            calls.stop();
            check(calls);
        }
    }

    private static void check(Calls calls) throws IOException {
        if (calls.answered == 0) throw new IOException("no call was answered: " + calls.complaint);
    }

    /** Through the proxy and straight to the model, in turn, in the same seconds. */
    private static void paced(World world, int modelPort, Settings settings, Figures figures) throws IOException {
        double rate = rate(settings);
        Map<String, Double> before = world.cpuMillis();
        var straight = new Starter(Load.VERTX, modelPort, DIRECT_PATH, question(false));
        try (Calls through = Calls.paced(Kind.WHOLE.starter(world), rate);
                Calls direct = afterHalf(rate, straight)) {
            Pause.millis(settings.length().toMillis());
            List<Double> added = through.stop();
            List<Double> bare = direct.stop();
            check(through);
            for (double share : new double[] {0.50, 0.90, 0.99}) {
                String name = "p" + Math.round(share * 100) + ", ms";
                double with = Latency.percentile(added, share);
                double without = Latency.percentile(bare, share);
                figures.add("added at " + rate + "/s, " + name, with - without);
                figures.add("through the proxy, " + name, with);
                figures.add("straight to the model, " + name, without);
            }
            figures.add("paced, calls", through.answered);
            figures.add("paced, failed", through.failed + direct.failed);
            perCall("paced", world, before, through.answered, figures);
        }
    }

    private static Calls afterHalf(double rate, Starter straight) {
        Pause.millis(Math.round(500 / rate));
        return Calls.paced(straight, rate);
    }

    private static void together(Kind kind, World world, int modelPort, Settings settings, Figures figures)
            throws IOException {
        String what = kind.name().toLowerCase(Locale.ROOT);
        Duration length = settings.length().dividedBy(2);
        try (Calls calls = Calls.together(kind.starter(world), CONNECTIONS)) {
            // The first second opens the connections.
            Pause.millis(1_000);
            Map<String, Double> before = world.cpuMillis();
            long answered = calls.answered;
            long billed = billed(modelPort);
            long at = System.nanoTime();
            Pause.millis(length.toMillis());
            double seconds = (System.nanoTime() - at) / 1e9;
            long count = calls.answered - answered;
            figures.add(what + ", answers bought per call", (billed(modelPort) - billed) / (double) count);
            perCall(what, world, before, count, figures);
            List<Double> times = calls.stop();
            check(calls);
            figures.add(what + ", calls/s", count / seconds);
            figures.add(what + ", p50, ms", Latency.percentile(times, 0.50));
            figures.add(what + ", p99, ms", Latency.percentile(times, 0.99));
            figures.add(what + ", failed", calls.failed);
        }
    }

    /** Answers so far, as the simulator counts them. */
    private static long billed(int modelPort) throws IOException {
        try (var counts =
                URI.create("http://127.0.0.1:" + modelPort + "/").toURL().openStream()) {
            return Long.parseLong(new String(counts.readAllBytes(), StandardCharsets.UTF_8).split(" ")[0]);
        }
    }

    /** Processor time of each process, in µs, and the share of the generator and the model in all. */
    private static void perCall(String what, World world, Map<String, Double> before, long calls, Figures figures)
            throws IOException {
        Map<String, Double> after = world.cpuMillis();
        double all = 0;
        double own = 0;
        var names = new ArrayList<>(after.keySet());
        names.sort(null);
        for (String name : names) {
            if (name.equals("functions")) continue;
            double millis = after.get(name) - before.get(name);
            all += millis;
            if (name.equals("generator") || name.equals("model")) own += millis;
            figures.add(what + ", CPU µs per call, " + name, millis * 1_000 / calls);
        }
        figures.add(what + ", share of generator and model, %", own * 100 / all);
    }
}

package dev.sluice.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the packaged program, with Redis, functions and the generator of the load on the same machine. {@code make
 * bench}; a table on the terminal, and the same with all values in {@code target/bench/<scenario>.json}.
 */
final class Bench {
    private static final Duration RAW = Duration.ofSeconds(3);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

    static {
        SCENARIOS.put("steps", new Steps());
        SCENARIOS.put("latency", new Latency());
        SCENARIOS.put("length", new Length());
        SCENARIOS.put("queue", new QueueAlone());
        SCENARIOS.put("parked", new Parked());
        SCENARIOS.put("hundred", new Hundred());
        SCENARIOS.put("documents", new Documents());
        SCENARIOS.put("inference", new Inference());
        SCENARIOS.put("partitions", SpreadCost.overPartitions());
        SCENARIOS.put("nodes", SpreadCost.overNodes());
    }

    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        Settings settings = Settings.read();
        String asked = Settings.text("scenario", String.join(",", SCENARIOS.keySet()));
        List<String> names = List.of(asked.split("[,\\s]+"));
        for (String name : names) {
            if (SCENARIOS.containsKey(name)) continue;
            System.err.println("There is no scenario '" + name + "'; there are " + SCENARIOS.keySet());
            System.exit(2);
        }
        for (String name : names) measure(name, SCENARIOS.get(name), settings);
        // Vert.x' threads would keep the process alive.
        System.exit(0);
    }

    private static void measure(String name, Scenario scenario, Settings settings) throws IOException {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("scenario", name).put("title", scenario.title(settings));
        report.put("at", Instant.now().toString());
        report.set("machine", Machine.json());
        report.put("options", String.join(" ", settings.options()));
        var figures = new Figures();
        for (int round = 1; round <= settings.rounds(); round++) {
            System.err.println(name + ", round " + round + " of " + settings.rounds());
            figures.add(RawRedis.FIGURE, RawRedis.messagesPerSecond(settings, RAW));
            scenario.measure(settings, figures, report.putObject("detail"));
        }
        report.set("redis", redis(settings));
        report.set("figures", figures.json());
        write(settings.directory().resolve(name + ".json"), report);
        System.out.println(heading(report, settings) + figures.table());
    }

    private static String heading(ObjectNode report, Settings settings) {
        return "%n%s: %s%n  %s, %s cores, Java %s; Redis %s, appendfsync %s; %d rounds%n"
                .formatted(
                        report.path("scenario").asText(),
                        report.path("title").asText(),
                        report.at("/machine/processor").asText(),
                        report.at("/machine/cores").asText(),
                        System.getProperty("java.version"),
                        report.at("/redis/redis_version").asText(),
                        settings.appendFsync(),
                        settings.rounds());
    }

    /** Asked of one with the same settings. */
    private static ObjectNode redis(Settings settings) throws IOException {
        Path directory = World.directory(settings);
        try (RedisProcess redis = RedisProcess.start(directory, World.port(settings), settings.appendFsync())) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            redis.settings().forEach(json::put);
            return json;
        } finally {
            World.delete(directory);
        }
    }

    private static void write(Path file, ObjectNode report) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }
}

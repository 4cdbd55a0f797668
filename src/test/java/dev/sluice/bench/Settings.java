package dev.sluice.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code make bench} was asked for: system properties {@code bench.<name>}, each with a default that makes one
 * round of everything end within the hour.
 *
 * @param rounds how often each scenario is measured, each time with new processes ({@code RUNS})
 * @param length of the measured window
 * @param warmUp load of the same kind before it: the JVM compiles what is hot
 * @param inFlight runs that are started and not finished, at most: the server has always enough to do, and the backlog
 *     stays bounded
 * @param connections to the server, kept alive, one request at a time on each
 * @param rate starts a second, where a scenario has a fixed one; 0: the scenario's own
 * @param parked runs that wait for a signal
 * @param documents to analyze
 * @param appendFsync of Redis: {@code always}, {@code everysec}, {@code no}, or {@code off} for no append-only file
 * @param nodes of a Redis Cluster; 0: one server that is none
 * @param options for the server's JVM, for example {@code -Dsluice.queue.partitions=1}
 * @param ports first of the ports to use; 0: any that are free
 */
record Settings(
        int rounds,
        Duration length,
        Duration warmUp,
        int inFlight,
        int connections,
        double rate,
        int parked,
        int documents,
        String appendFsync,
        int nodes,
        List<String> options,
        int ports,
        Path directory) {

    static Settings read() {
        return new Settings(
                number("runs", 3),
                Duration.ofSeconds(number("seconds", 60)),
                Duration.ofSeconds(number("warmup", 20)),
                number("inflight", 400),
                number("connections", 32),
                number("rate", 0),
                number("parked", 100_000),
                number("documents", 2_000),
                text("fsync", "everysec"),
                number("nodes", 0),
                Arrays.stream(text("options", "").split("\\s+"))
                        .filter(option -> !option.isEmpty())
                        .toList(),
                number("ports", 0),
                Path.of("target", "bench").toAbsolutePath());
    }

    /** The same, with more options for the server; those that were asked for come later and win. */
    Settings withOptions(List<String> more) {
        return with(Stream.concat(more.stream(), options.stream()).toList(), nodes);
    }

    Settings withNodes(int count) {
        return with(options, count);
    }

    private Settings with(List<String> options, int nodes) {
        return new Settings(
                rounds,
                length,
                warmUp,
                inFlight,
                connections,
                rate,
                parked,
                documents,
                appendFsync,
                nodes,
                options,
                ports,
                directory);
    }

    static String text(String name, String otherwise) {
        String text = System.getProperty("bench." + name, "");
        return text.isBlank() ? otherwise : text.strip();
    }

    private static int number(String name, int otherwise) {
        return Integer.parseInt(text(name, Integer.toString(otherwise)));
    }
}

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Time from the start of the process to the first answer, and from a clean clone to the first result. Every start has
 * a data directory of its own. Arguments: number of starts, and {@code 1} for the cold build as well.
 */
final class BenchStart {
    private static final Duration READY_MAX = Duration.ofMinutes(2);
    private static final Duration BUILD_MAX = Duration.ofMinutes(30);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        boolean cold = arguments.length > 1 && !arguments[1].isEmpty();
        List<Double> starts = new ArrayList<>();
        boolean built = Files.exists(jar(Path.of("")));
        for (int i = 0; i < rounds && built; i++) starts.add(start());
        if (!starts.isEmpty()) {
            starts.sort(null);
            row("What", "Median", "Fastest", "Slowest", "Rounds");
            row("process start to ready", s(starts.get(starts.size() / 2)), s(starts.getFirst()), s(starts.getLast()),
                    Integer.toString(starts.size()));
        }
        if (cold) coldStart();
    }

    /** Seconds from the start of the JVM to 200 from /q/health/ready. */
    private static double start() throws Exception {
        Path data = Files.createTempDirectory("sluice-bench");
        int port = freePort();
        long begin = System.nanoTime();
        Process sluice = server(Path.of(""), data, port);
        try {
            awaitReady(sluice, port);
            return seconds(begin);
        } finally {
            end(sluice, data);
        }
    }

    private static void coldStart() throws Exception {
        Path temp = Files.createTempDirectory("sluice-cold");
        Path clone = temp.resolve("sluice");
        Path repository = temp.resolve("maven");
        Path document = Files.writeString(temp.resolve("invoice.txt"), "Invoice 4711\nTotal: 12.00 EUR, due in 30 days.");
        int port = freePort();
        long begin = System.nanoTime();
        try {
            must(BUILD_MAX, new ProcessBuilder("git", "clone", "-q", ".", clone.toString()));
            row("", "Since the start", "", "", "");
            row("cloned", s(seconds(begin)), "", "", "");
            must(BUILD_MAX, new ProcessBuilder("sh", "build-support/mvn", "-q", "-DskipTests", "-DskipITs",
                    "-Dmaven.repo.local=" + repository, "package").directory(clone.toFile()));
            row("built, empty Maven cache", s(seconds(begin)), "", "", "");
            Process sluice = server(clone, temp.resolve("data"), port);
            try {
                awaitReady(sluice, port);
                row("ready", s(seconds(begin)), "", "", "");
                must(READY_MAX, new ProcessBuilder(java(), "-jar", jar(clone).toString(), "analyze",
                        "--server", "http://127.0.0.1:" + port, document.toString()));
                row("first result", s(seconds(begin)), "", "", "");
            } finally {
                end(sluice, temp.resolve("data"));
            }
        } finally {
            delete(temp);
        }
    }

    private static Process server(Path directory, Path data, int port) throws IOException {
        return new ProcessBuilder(java(), "-Dquarkus.http.port=" + port, "-Dsluice.data=" + data, "-jar",
                        jar(directory).toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void awaitReady(Process sluice, int port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        long begin = System.nanoTime();
        while (seconds(begin) < READY_MAX.toSeconds() && sluice.isAlive()) {
            try {
                if (HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200) return;
            } catch (IOException e) {
                // Not listening yet.
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new IllegalStateException("Sluice did not get ready; start it by hand to see why: make run");
    }

    private static void must(Duration limit, ProcessBuilder command) throws Exception {
        Process process = command.redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
            throw new IllegalStateException("failed: " + String.join(" ", command.command()));
        }
    }

    private static void end(Process sluice, Path data) throws Exception {
        sluice.destroy();
        if (!sluice.waitFor(30, TimeUnit.SECONDS)) sluice.destroyForcibly();
        delete(data);
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) return;
        try (var paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private static Path jar(Path directory) {
        return directory.resolve("target/quarkus-app/quarkus-run.jar");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static String s(double seconds) {
        return String.format(Locale.ROOT, "%.2f s", seconds);
    }

    private static void row(String... cells) {
        System.out.println(String.format("%-26s %16s %10s %10s %7s", (Object[]) cells).stripTrailing());
    }
}

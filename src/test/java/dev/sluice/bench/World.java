package dev.sluice.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The processes of one measurement: Redis, the functions and the server; the generator is this process. */
final class World implements AutoCloseable {
    private static final AtomicInteger PORTS_USED = new AtomicInteger();
    private static final AtomicInteger WORLDS = new AtomicInteger();

    /** Ports come round again after this many: those of the former measurement are free by then. */
    private static final int PORTS = 900;

    final RedisProcess redis;
    final Functions functions;
    final Server server;
    private final Path directory;
    private final Map<String, Child> others = new HashMap<>();

    private World(Path directory, RedisProcess redis, Functions functions, Server server) {
        this.directory = directory;
        this.redis = redis;
        this.functions = functions;
        this.server = server;
    }

    static World start(Settings settings) throws IOException {
        Path directory = directory(settings);
        RedisProcess redis = RedisProcess.start(directory.resolve("redis"), port(settings), settings.appendFsync());
        try {
            Functions functions = Functions.start(directory, port(settings));
            try {
                var options = new ArrayList<>(
                        List.of("-Dsluice.dispatch.functions.noop.url=http://127.0.0.1:" + functions.port + "/"));
                options.addAll(settings.options());
                return new World(
                        directory, redis, functions, Server.start(directory, port(settings), redis.url(), options));
            } catch (IOException | RuntimeException e) {
                functions.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    /** Empty and new. */
    static Path directory(Settings settings) throws IOException {
        Path directory = settings.directory().resolve("work").resolve(Integer.toString(WORLDS.incrementAndGet()));
        delete(directory);
        return Files.createDirectories(directory);
    }

    static int port(Settings settings) throws IOException {
        if (settings.ports() > 0) return settings.ports() + PORTS_USED.getAndIncrement() % PORTS;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** One more process whose processor time counts. */
    void count(String name, Child child) {
        others.put(name, child);
    }

    /** Processor time used so far, in ms. */
    Map<String, Double> cpuMillis() throws IOException {
        var millis = new HashMap<String, Double>();
        millis.put("server", server.child.cpuMillis());
        millis.put("redis", redis.child.cpuMillis());
        millis.put("functions", functions.child.cpuMillis());
        millis.put("generator", Child.ownCpuMillis());
        for (var other : others.entrySet())
            millis.put(other.getKey(), other.getValue().cpuMillis());
        return millis;
    }

    /** Waits until so many runs have succeeded. @return how many of them have not */
    long unfinished(long expected, Duration most) throws IOException {
        Pause.until(most, 200, () -> server.count("succeeded") >= expected);
        return expected - server.count("succeeded");
    }

    /** The logs of the processes stay; their data, which may be large, do not. */
    @Override
    public void close() throws IOException {
        server.close();
        functions.close();
        redis.close();
        delete(directory.resolve("redis"));
        delete(directory.resolve("data"));
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) return;
        try (var paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}

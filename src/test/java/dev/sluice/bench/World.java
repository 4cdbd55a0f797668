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
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The processes of one measurement: Redis, the functions and the server; the generator is this process. */
final class World implements AutoCloseable {
    private static final AtomicInteger PORTS_USED = new AtomicInteger();
    private static final AtomicInteger WORLDS = new AtomicInteger();

    /** Ports come round again after this many: those of the former measurement are free by then. */
    private static final int PORTS = 900;

    private final List<RedisProcess> redis;
    final Functions functions;
    final Server server;
    private final Path directory;
    private final Map<String, Child> others = new HashMap<>();

    private World(Path directory, List<RedisProcess> redis, Functions functions, Server server) {
        this.directory = directory;
        this.redis = redis;
        this.functions = functions;
        this.server = server;
    }

    static World start(Settings settings) throws IOException {
        Path directory = directory(settings);
        var started = new ArrayList<AutoCloseable>();
        try {
            List<RedisProcess> redis = redis(directory.resolve("redis"), settings);
            started.addAll(redis);
            Functions functions = Functions.start(directory, port(settings));
            started.add(functions);
            var options = new ArrayList<>(
                    List.of("-Dsluice.dispatch.functions.noop.url=http://127.0.0.1:" + functions.port + "/"));
            if (settings.nodes() > 0) options.add("-Dquarkus.redis.client-type=cluster");
            options.addAll(settings.options());
            String hosts = redis.stream().map(RedisProcess::url).collect(Collectors.joining(","));
            return new World(directory, redis, functions, Server.start(directory, port(settings), hosts, options));
        } catch (IOException | RuntimeException e) {
            for (AutoCloseable process : started) closeQuietly(process);
            throw e;
        }
    }

    private static List<RedisProcess> redis(Path directory, Settings settings) throws IOException {
        return settings.nodes() == 0
                ? List.of(RedisProcess.start(directory, port(settings), settings.appendFsync()))
                : RedisProcess.cluster(directory, settings);
    }

    /** What went wrong before is what is told. */
    private static void closeQuietly(AutoCloseable process) {
        try {
            process.close();
        } catch (Exception e) {
            System.err.println("while ending a process: " + e);
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

    /** Of all servers of Redis together. */
    Info info() throws IOException {
        Info sum = redis.getFirst().info();
        for (RedisProcess node : redis.subList(1, redis.size())) sum = sum.plus(node.info());
        return sum;
    }

    /** What is sent to all servers of Redis for so long. */
    Monitor.Commands monitor(Duration length) throws IOException {
        var monitors = new ArrayList<Monitor>();
        try {
            for (RedisProcess node : redis) monitors.add(Monitor.start(new Resp(node.port)));
            Pause.millis(length.toMillis());
            Monitor.Commands all = new Monitor.Commands(new TreeMap<>(), new TreeMap<>());
            for (int i = 0; i < redis.size(); i++) {
                try (Resp other = new Resp(redis.get(i).port)) {
                    all.plus(monitors.get(i).stop(other));
                }
            }
            return all;
        } finally {
            for (Monitor monitor : monitors) monitor.close();
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
        for (RedisProcess node : redis) millis.merge("redis", node.child.cpuMillis(), Double::sum);
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
        for (RedisProcess node : redis) node.close();
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

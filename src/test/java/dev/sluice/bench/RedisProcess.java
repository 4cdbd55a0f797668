package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A redis-server of the benchmark's own, on loopback, with data of its own. */
final class RedisProcess implements AutoCloseable {
    private static final int SLOTS = 16_384;
    private static final Duration TOGETHER_MAX = Duration.ofSeconds(30);
    private static final int START_MILLIS_MAX = 10_000;

    final Child child;
    final int port;
    private final Resp control;

    private RedisProcess(Child child, int port, Resp control) {
        this.child = child;
        this.port = port;
        this.control = control;
    }

    /** @param appendFsync see {@link Settings#appendFsync} */
    static RedisProcess start(Path directory, int port, String appendFsync) throws IOException {
        return start(directory, port, appendFsync, List.of());
    }

    private static RedisProcess start(Path directory, int port, String appendFsync, List<String> more)
            throws IOException {
        Files.createDirectories(directory);
        boolean isAppendOnly = !appendFsync.equals("off");
        var command = new ArrayList<>(List.of(
                Settings.text("redis", "redis-server"),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                directory.toString(),
                "--daemonize",
                "no",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction",
                "--hash-max-ziplist-value",
                "512",
                "--appendonly",
                isAppendOnly ? "yes" : "no",
                "--appendfsync",
                isAppendOnly ? appendFsync : "no"));
        command.addAll(more);
        Child child = Child.start(directory.resolve("redis.log"), command);
        try {
            return new RedisProcess(child, port, connect(child, port));
        } catch (IOException | RuntimeException e) {
            child.close();
            throw e;
        }
    }

    /** Primaries without replicas, each with its part of the slots. */
    static List<RedisProcess> cluster(Path directory, Settings settings) throws IOException {
        var nodes = new ArrayList<RedisProcess>();
        try {
            for (int i = 0; i < settings.nodes(); i++) {
                String bus = Integer.toString(World.port(settings));
                var node = start(
                        directory.resolve("node-" + i),
                        World.port(settings),
                        settings.appendFsync(),
                        List.of("--cluster-enabled", "yes", "--cluster-port", bus));
                nodes.add(node);
                int from = i * SLOTS / settings.nodes();
                int to = (i + 1) * SLOTS / settings.nodes() - 1;
                node.call("CLUSTER", "ADDSLOTSRANGE", Integer.toString(from), Integer.toString(to));
                node.call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
                nodes.getFirst().call("CLUSTER", "MEET", "127.0.0.1", Integer.toString(node.port), bus);
            }
            for (RedisProcess node : nodes) node.awaitCluster(nodes.size());
            return nodes;
        } catch (IOException | RuntimeException e) {
            for (RedisProcess node : nodes) node.close();
            throw e;
        }
    }

    private void awaitCluster(int size) throws IOException {
        boolean together = Pause.until(TOGETHER_MAX, 50, () -> {
            String info = (String) call("CLUSTER", "INFO");
            return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + size);
        });
        if (!together) throw new IOException("the nodes of the cluster have not found each other");
    }

    private static Resp connect(Child child, int port) throws IOException {
        long until = System.nanoTime() + START_MILLIS_MAX * 1_000_000L;
        while (true) {
            try {
                var control = new Resp(port);
                if ("PONG".equals(control.call("PING"))) return control;
                control.close();
            } catch (IOException e) {
                if (System.nanoTime() > until || !child.isAlive()) throw e;
            }
            Pause.millis(20);
        }
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    Object call(String... command) throws IOException {
        synchronized (control) {
            return control.call(command);
        }
    }

    Info info() throws IOException {
        return Info.parse((String) call("INFO", "everything"));
    }

    /** Version and the settings that durability and speed depend on. */
    Map<String, String> settings() throws IOException {
        var settings = new LinkedHashMap<String, String>();
        String server = (String) call("INFO", "server");
        server.lines()
                .filter(line -> line.startsWith("redis_version:") || line.startsWith("server_name:"))
                .forEach(line -> settings.put(line.split(":")[0], line.split(":")[1].strip()));
        for (String name : List.of(
                "appendonly",
                "appendfsync",
                "auto-aof-rewrite-percentage",
                "save",
                "maxmemory-policy",
                "hash-max-ziplist-value",
                "io-threads")) {
            @SuppressWarnings("unchecked")
            var pair = (List<Object>) call("CONFIG", "GET", name);
            if (pair.size() == 2) settings.put(name, (String) pair.get(1));
        }
        return settings;
    }

    @Override
    public void close() throws IOException {
        control.close();
        child.close();
    }
}

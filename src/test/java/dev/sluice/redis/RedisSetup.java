package dev.sluice.redis;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Servers that belong together, in a directory of their own that goes with them. */
public final class RedisSetup implements AutoCloseable {
    /** Name of the primary by which sentinels are asked. */
    public static final String PRIMARY = "sluice";

    /** As in {@code quarkus.redis.client-type}. */
    public enum Kind {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    private static final int SLOTS = 16_384;

    /** 30 s: nodes of a cluster find each other in 1 to 3 s. */
    private static final Duration TOGETHER_MAX = Duration.ofSeconds(30);

    public final Kind kind;
    private final Path directory;
    private final List<RedisNode> nodes = new ArrayList<>();
    private final List<RedisNode> sentinels = new ArrayList<>();

    private RedisSetup(Kind kind) {
        this.kind = kind;
        try {
            this.directory = Files.createTempDirectory("sluice-redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param appendFsync {@code always}, {@code everysec} or {@code no} */
    public static RedisSetup standalone(String appendFsync) {
        var setup = new RedisSetup(Kind.STANDALONE);
        setup.add("appendonly yes", "appendfsync " + appendFsync);
        return setup;
    }

    /** The first node is the primary; 3 sentinels take a node for lost after 1 s. */
    public static RedisSetup sentinel(int replicas) {
        var setup = new RedisSetup(Kind.SENTINEL);
        RedisNode primary = setup.add("appendonly yes", "appendfsync everysec", "repl-diskless-sync-delay 0");
        for (int i = 0; i < replicas; i++) {
            setup.add(
                    "appendonly yes",
                    "appendfsync everysec",
                    "repl-diskless-sync-delay 0",
                    "replicaof 127.0.0.1 " + primary.port);
        }
        for (RedisNode node : setup.nodes.subList(1, setup.nodes.size())) {
            await(() -> node.info("master_link_status").equals("up"));
        }
        for (int i = 0; i < 3; i++) setup.sentinels.add(setup.sentinelOf(primary));
        await(() -> setup.sentinels.stream().allMatch(s -> setup.knows(s, replicas)));
        return setup;
    }

    private RedisNode sentinelOf(RedisNode primary) {
        return RedisNode.start(
                directory,
                "--sentinel",
                "sentinel monitor " + PRIMARY + " 127.0.0.1 " + primary.port + " 2",
                "sentinel down-after-milliseconds " + PRIMARY + " 1000",
                "sentinel failover-timeout " + PRIMARY + " 3000");
    }

    private boolean knows(RedisNode sentinel, int replicas) {
        return sentinel.info("master0").contains("slaves=" + replicas + ",sentinels=3");
    }

    /** Primaries without replicas, that is: what a node has is away while the node is. */
    public static RedisSetup cluster(int primaries) {
        var setup = new RedisSetup(Kind.CLUSTER);
        for (int i = 0; i < primaries; i++) setup.addToCluster(i, primaries);
        for (RedisNode node : setup.nodes) {
            await(() -> node.say("CLUSTER", "INFO").contains("cluster_state:ok")
                    && node.say("CLUSTER", "INFO").contains("cluster_known_nodes:" + primaries));
        }
        return setup;
    }

    private void addToCluster(int number, int of) {
        RedisNode node = RedisNode.start(
                directory,
                "appendonly yes",
                "appendfsync everysec",
                "cluster-enabled yes",
                "cluster-node-timeout 2000",
                "cluster-require-full-coverage no");
        nodes.add(node);
        var slots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
        for (int slot = number * SLOTS / of; slot < (number + 1) * SLOTS / of; slot++) slots.add(String.valueOf(slot));
        node.say(slots.toArray(String[]::new));
        node.say("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(number + 1));
        if (number > 0) nodes.getFirst().say("CLUSTER", "MEET", "127.0.0.1", String.valueOf(node.port));
    }

    private RedisNode add(String... settings) {
        RedisNode node = RedisNode.start(directory, settings);
        nodes.add(node);
        return node;
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await("the servers find each other")
                .atMost(TOGETHER_MAX)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(condition);
    }

    /** The servers that hold data, the first primary first. */
    public List<RedisNode> nodes() {
        return List.copyOf(nodes);
    }

    /** For {@code quarkus.redis.hosts}: the servers, or the sentinels. */
    public List<String> hosts() {
        return (kind == Kind.SENTINEL ? sentinels : nodes)
                .stream().map(RedisNode::url).toList();
    }

    /** Options of a Sluice process that uses them. */
    public List<String> options() {
        return List.of(
                "-Dquarkus.redis.hosts=" + hosts().stream().collect(Collectors.joining(",")),
                "-Dquarkus.redis.client-type=" + kind.name().toLowerCase(java.util.Locale.ROOT),
                "-Dquarkus.redis.master-name=" + PRIMARY);
    }

    /** Of a setup with sentinels: the node that they name. */
    public RedisNode primary() {
        String port = sentinels
                .getFirst()
                .say("SENTINEL", "GET-MASTER-ADDR-BY-NAME", PRIMARY)
                .lines()
                .toList()
                .get(1);
        return nodes.stream()
                .filter(n -> port.equals(String.valueOf(n.port)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        sentinels.forEach(RedisNode::close);
        nodes.forEach(RedisNode::close);
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            // A temporary directory that stays behind does no harm.
        }
    }
}

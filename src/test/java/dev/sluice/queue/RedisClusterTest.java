package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.RedisNode;
import dev.sluice.redis.RedisSetup;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the link does in a cluster of three servers, one of which may be away. */
class RedisClusterTest {
    private static final List<Partition> PARTITIONS =
            IntStream.range(0, 12).mapToObj(i -> new Partition("g", "test", i)).toList();

    private static RedisSetup cluster;

    private RedisServers servers;
    private RedisLink link;

    @BeforeAll
    static void startCluster() {
        cluster = RedisSetup.cluster(3);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void connect() {
        servers = new RedisServers(
                RealRedis.VERTX,
                new RedisOptions()
                        .setType(RedisClientType.CLUSTER)
                        .setEndpoints(new ArrayList<>(cluster.hosts()))
                        .setProtocolNegotiation(false)
                        .setMaxPoolSize(8)
                        .setMaxPoolWaiting(1_024));
        link = new RedisLink(servers, new Durability(Duration.ofSeconds(4), 0, Duration.ofMillis(500)));
        cluster.nodes().forEach(node -> node.say("FLUSHALL"));
    }

    @AfterEach
    void disconnect() {
        servers.close();
    }

    private static RedisLink.Call lease(Partition p, String holder) {
        return new RedisLink.Call(List.of(Keys.owner(p)), List.of(holder, "60000"));
    }

    @Test
    void callsForManyPartitionsAreAnsweredInTheirOrder() {
        var requests = new ArrayList<Request>();
        for (int i = 0; i < 1_000; i++) {
            Partition p = PARTITIONS.get(i % PARTITIONS.size());
            requests.add(RedisLink.request(Command.ECHO, i));
            requests.add(RedisLink.request(Command.APPEND, Keys.fence(p), "."));
        }
        List<Response> replies = link.sendAll(requests);
        for (int i = 0; i < 1_000; i++) {
            assertThat(replies.get(2 * i).toInteger()).isEqualTo(i);
            assertThat(replies.get(2 * i + 1).toInteger()).isEqualTo(i / PARTITIONS.size() + 1);
        }
        assertThat(cluster.nodes())
                .allSatisfy(node -> assertThat(node.say("DBSIZE")).isNotEqualTo("0"));
    }

    @Test
    void aServerThatForgotAScriptGetsItAgain() {
        link.runAll(Script.LEASE, PARTITIONS.stream().map(p -> lease(p, "a")).toList());
        cluster.nodes().get(1).say("SCRIPT", "FLUSH");
        List<Response> kept = link.runAll(
                Script.LEASE, PARTITIONS.stream().map(p -> lease(p, "a")).toList());
        assertThat(kept).allSatisfy(reply -> assertThat(reply.toInteger()).isEqualTo(1));
        assertThat(link.run(Script.LEASE, List.of(Keys.owner(PARTITIONS.getFirst())), List.of("b", "60000"))
                        .toInteger())
                .isZero();
    }

    @Test
    void aPartitionThatMovedToAnotherServerIsFoundThere() {
        Partition p = PARTITIONS.getFirst();
        link.send(Command.PING);
        RedisNode from = serverOf(p);
        RedisNode to =
                cluster.nodes().stream().filter(n -> n != from).findFirst().orElseThrow();
        move(Keys.owner(p), from, to);
        try {
            link.send(Command.SET, Keys.owner(p), "moved");
            assertThat(to.say("GET", Keys.owner(p))).isEqualTo("moved");
        } finally {
            to.say("DEL", Keys.owner(p));
            move(Keys.owner(p), to, from);
        }
    }

    @Test
    void aServerThatIsAwayHoldsUpItsOwnPartitionsOnly() throws Exception {
        List<RedisLink.Call> calls = PARTITIONS.stream().map(p -> lease(p, "a")).toList();
        link.runAll(Script.LEASE, calls);
        RedisNode lost = serverOf(PARTITIONS.getFirst());
        List<Boolean> onLost = PARTITIONS.stream().map(p -> serverOf(p) == lost).toList();
        lost.kill();
        try {
            List<Optional<Response>> some = link.runSome(Script.LEASE, calls);
            assertThat(some.stream().map(Optional::isEmpty).toList()).isEqualTo(onLost);
            assertThat(link.answers()).isTrue();
            int there = onLost.indexOf(false);
            assertThat(link.send(Command.GET, Keys.owner(PARTITIONS.get(there))).toString())
                    .isEqualTo("a");
            assertThatThrownBy(() -> link.send(Command.GET, Keys.owner(PARTITIONS.getFirst())))
                    .hasMessageContaining("SL2016");
        } finally {
            lost.start();
        }
        assertThat(link.runAll(Script.LEASE, calls)).hasSameSizeAs(calls);
    }

    @Test
    void aCallWaitsForAServerThatComesBack() throws Exception {
        Partition p = PARTITIONS.getFirst();
        link.send(Command.SET, Keys.owner(p), "a");
        RedisNode lost = serverOf(p);
        lost.kill();
        Thread back = Thread.ofVirtual().start(() -> {
            try {
                lost.start();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(link.send(Command.EXISTS, Keys.owner(p)).toInteger()).isBetween(0, 1);
        back.join();
    }

    @Test
    void whatNoReplicaConfirmsIsNotAnsweredWithYes() {
        var careful = new RedisLink(servers, new Durability(Duration.ofSeconds(1), 1, Duration.ofMillis(20)));
        Partition p = PARTITIONS.getFirst();
        link.send(Command.HSET, Keys.run(p, "r"), "head", "{}");
        var keys = List.of(Keys.run(p, "r"), Keys.inbox(p), Keys.seen(p, "n"));
        assertThatThrownBy(() -> careful.run(Script.POST, keys, List.of("r", "e", "", Keys.HINTS, "h", "60000")))
                .hasMessageContaining("SL1010");
        // It is there all the same, and goes its way.
        assertThat(link.send(Command.XLEN, Keys.inbox(p)).toInteger()).isEqualTo(1);
    }

    private RedisNode serverOf(Partition p) {
        String server = servers.map()
                .server(Asking.of(Command.GET, List.of(Keys.owner(p)), true).slot(0));
        return cluster.nodes().stream()
                .filter(n -> n.url().equals(server))
                .findFirst()
                .orElseThrow();
    }

    private static void move(String key, RedisNode from, RedisNode to) {
        String slot = from.say("CLUSTER", "KEYSLOT", key);
        String id = to.say("CLUSTER", "MYID");
        for (RedisNode node : List.of(to, from)) node.say("CLUSTER", "SETSLOT", slot, "NODE", id);
        to.say("CLUSTER", "BUMPEPOCH");
    }
}

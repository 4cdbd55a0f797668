package dev.sluice.queue;

import dev.sluice.boot.TestRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The queue on a real, empty Redis, made by hand instead of by Quarkus. */
public final class RealRedis {
    public static final Vertx VERTX = Vertx.vertx();

    static final RedisServers SERVERS = new RedisServers(
            VERTX,
            new RedisOptions()
                    .setConnectionString(TestRedis.url())
                    .setProtocolNegotiation(false)
                    .setMaxPoolSize(16)
                    .setMaxPoolWaiting(1_024));

    static final Durability DURABILITY = new Durability(Duration.ofSeconds(5), 0, Duration.ofSeconds(1));

    public static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    /** The first of {@link #partitions}. */
    public static final Partition P = new Partition("default", "test", 0);

    public final RedisLink link;
    public final Partitions partitions;
    public final MemoryWatch memory;
    public final TaskQueue tasks;
    public final Inbox inbox;
    public final Ownership ownership;
    public final Leases leases;

    private RealRedis(RedisLink link) {
        this.link = link;
        this.partitions = new Partitions(link, List.of("test"), 2);
        this.memory = new MemoryWatch(link, new SimpleMeterRegistry(), Optional.empty(), 0.9, 0.85);
        this.tasks = new TaskQueue(link);
        this.inbox = new Inbox(link);
        this.ownership = new Ownership(link);
        this.leases = new Leases(link);
    }

    /** Removes every key; known scripts stay. */
    public static RealRedis empty() {
        var redis = new RealRedis(new RedisLink(SERVERS, DURABILITY));
        redis.send(Command.FLUSHALL);
        return redis;
    }

    /** The same Redis, as it is, for a process that ends at its write number {@code write}, see {@link MortalLink}. */
    public static RealRedis mortal(int write, boolean afterwards) {
        return new RealRedis(new MortalLink(SERVERS, write, afterwards));
    }

    /** Asks this Redis as it is, whoever filled it. */
    public static Response say(Command command, Object... args) {
        return new RedisLink(SERVERS, DURABILITY).send(command, args);
    }

    /** Lets {@link #memory} see a server that uses so many of so many bytes. */
    public void memoryIs(long used, long max) {
        memory.take(link.servers().iterator().next(), used, max);
    }

    public Response send(Command command, Object... args) {
        return link.send(command, args);
    }

    /** All keys, in order. */
    public List<String> keys() {
        return send(Command.KEYS, "*").stream().map(Response::toString).sorted().toList();
    }

    /** A hash as a map, in the order of its fields. */
    public Map<String, String> hash(String key) {
        Response flat = send(Command.HGETALL, key);
        var map = new TreeMap<String, String>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            map.put(flat.get(i).toString(), flat.get(i + 1).toString());
        }
        return map;
    }

    /** The fields of each entry, in order; the entry's own id is left out. */
    public List<Map<String, String>> stream(String key) {
        var entries = new ArrayList<Map<String, String>>();
        for (Response entry : send(Command.XRANGE, key, "-", "+")) {
            entries.add(new TreeMap<>(StreamFields.of(entry.get(1)).values()));
        }
        return entries;
    }

    /** Members and scores, alternating. */
    public List<String> sorted(String key) {
        return texts(send(Command.ZRANGE, key, 0, -1, "WITHSCORES"));
    }

    public List<String> list(String key) {
        return texts(send(Command.LRANGE, key, 0, -1));
    }

    public long length(String stream) {
        return send(Command.XLEN, stream).toLong();
    }

    /** How many entries of the lane are with a dispatcher. */
    public long pending(String lane) {
        return send(Command.XPENDING, lane, Keys.GROUP).get(0).toLong();
    }

    /** Puts a task into a lane the way a commit does. */
    public String addTask(String function, String run, int attempt) {
        // A step that waits for its task: one that nobody waits for is not handed out.
        send(Command.HSET, Keys.run(P, run), Keys.step("/do/0/x"), "{}");
        tasks.open(P, function);
        return send(
                        Command.XADD,
                        Keys.lane(P, function),
                        "*",
                        "run",
                        run,
                        "step",
                        "/do/0/x",
                        "attempt",
                        attempt,
                        "input",
                        "{}",
                        "at",
                        T0.toEpochMilli())
                .toString();
    }

    /** Makes it look as if a dispatcher had not shown itself for {@code millis}. */
    public void idle(String function, String consumer, String entryId, long millis) {
        send(Command.XCLAIM, Keys.lane(P, function), Keys.GROUP, consumer, 0, entryId, "IDLE", millis, "JUSTID");
    }

    private static List<String> texts(Response array) {
        return array.stream().map(Response::toString).toList();
    }
}

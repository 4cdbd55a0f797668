package dev.sluice.queue;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Tasks through the queue and nothing else: put into a lane as a commit does, taken, and settled, 32 at a time. Each
 * partition has one thread that adds and one that takes.
 */
public final class QueueLoad implements AutoCloseable {
    private static final int BATCH = 32;
    private static final int PARTITIONS = 4;

    /** 8 batches: the taker always finds a whole one, and no task waits until it is asked whether it is wanted. */
    private static final int LEAD_MAX = 8 * BATCH;

    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final LaneName LANE = LaneName.of("noop");

    /** With the names of the fields and the numbers a task of some 200 bytes. */
    private static final String INPUT = "{\"text\":\"" + "x".repeat(60) + "\"}";

    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers;
    private final RedisLink link;
    private final TaskQueue tasks;
    private final AtomicLong settled = new AtomicLong();

    /** @param redisUrl of an empty Redis */
    public QueueLoad(String redisUrl) {
        var options = new RedisOptions()
                .setConnectionString(redisUrl)
                .setProtocolNegotiation(false)
                .setMaxPoolSize(4 * PARTITIONS)
                .setMaxPoolWaiting(1_024);
        servers = new RedisServers(vertx, options);
        link = new RedisLink(servers, new Durability(Duration.ofSeconds(5), 0, Duration.ofSeconds(1)));
        tasks = new TaskQueue(link, Ranking.DEFAULT);
    }

    /** Puts tasks through for this long, and ends with none left. @return how many a second */
    public double tasksPerSecond(Duration length) {
        long began = System.nanoTime();
        long before = settled.get();
        long until = began + length.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ends = new ArrayList<CompletableFuture<Void>>();
            for (int i : IntStream.range(0, PARTITIONS).toArray()) {
                var partition = new Partition("default", "bench", i);
                var lead = new AtomicLong();
                ends.add(CompletableFuture.runAsync(() -> add(partition, lead, until), threads));
                ends.add(CompletableFuture.runAsync(() -> take(partition, lead, until), threads));
            }
            ends.forEach(CompletableFuture::join);
        }
        return (settled.get() - before) * 1e9 / (System.nanoTime() - began);
    }

    private void add(Partition partition, AtomicLong lead, long until) {
        for (long number = 0; System.nanoTime() < until; number++) {
            while (lead.get() > LEAD_MAX - BATCH) LockSupport.parkNanos(100_000);
            link.sendAll(batch(partition, number));
            lead.addAndGet(BATCH);
        }
    }

    /** What the task section of {@code commit.lua} writes for the tasks of one lane. */
    private static List<Request> batch(Partition partition, long number) {
        var requests = new ArrayList<Request>(BATCH + 3);
        long now = System.currentTimeMillis();
        for (int i = 0; i < BATCH; i++) {
            String run = partition.tag() + "-" + number + "-" + i;
            requests.add(RedisLink.request(
                    Command.XADD,
                    Keys.lane(partition, LANE),
                    "*",
                    "run",
                    run,
                    "step",
                    "/do/0/first",
                    "attempt",
                    1,
                    "input",
                    INPUT,
                    "at",
                    now,
                    "more",
                    ""));
        }
        requests.add(RedisLink.request(Command.INCRBY, Keys.depth(partition), BATCH));
        requests.add(RedisLink.request(Command.ZADD, Keys.ready(partition, LANE), "NX", 0, LANE.tenant()));
        requests.add(RedisLink.request(Command.SADD, Keys.lanes(partition), LANE.text()));
        return requests;
    }

    /** Goes on until what was added is gone. */
    private void take(Partition partition, AtomicLong lead, long until) {
        List<LaneName> known = List.of(LANE);
        while (System.nanoTime() < until || lead.get() > 0) {
            Taken taken = tasks.take(ask(partition, known), task -> "");
            known = taken.next().isEmpty() ? List.of(LANE) : taken.next();
            if (taken.deliveries().isEmpty()) {
                LockSupport.parkNanos(100_000);
                continue;
            }
            var outcomes = tasks.settleAll(
                    taken.deliveries().stream().map(Settlement::dropped).toList());
            if (outcomes.contains(false)) throw new IllegalStateException("a task was settled before");
            settled.addAndGet(outcomes.size());
            lead.addAndGet(-outcomes.size());
        }
    }

    private static Ask ask(Partition partition, List<LaneName> known) {
        return new Ask(
                partition, LANE.function(), "bench", 0, BATCH, LEASE, Instant.now(), known, tenant -> BATCH, false);
    }

    @Override
    public void close() {
        servers.close();
        vertx.close();
    }
}

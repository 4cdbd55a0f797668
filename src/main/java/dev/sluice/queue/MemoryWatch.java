package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Watches how full Redis is, so that starts are refused before Redis refuses every write, also those by which work
 * ends. Above the upper watermark a node takes no starts until it is below the lower one.
 */
@ApplicationScoped
public class MemoryWatch {
    private static final Logger LOG = Logger.getLogger(MemoryWatch.class);

    /** 64 partitions of a cluster a second: some ms of its nodes; a node has many, and one is enough to tell. */
    private static final int SAMPLES_MAX = 64;

    private final RedisLink redis;
    private final Partitions partitions;
    private final long bound;
    private final double high;
    private final double low;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sluice-memory").factory());
    private final Map<Partition, Level> levels = new ConcurrentHashMap<>();
    private volatile Level all = Level.UNKNOWN;
    private volatile boolean isCluster;
    private int next;

    /** @param used and @param max bytes; max is 0 where nothing bounds the node; @param isFull takes no starts */
    public record Level(long used, long max, boolean isFull) {
        static final Level UNKNOWN = new Level(0, 0, false);

        /** Of the bound; 0 without one. */
        public double share() {
            return max == 0 ? 0 : (double) used / max;
        }

        Level then(long usedNow, long maxNow, double high, double low) {
            var now = new Level(usedNow, maxNow, false);
            return new Level(usedNow, maxNow, now.share() >= (isFull ? low : high));
        }
    }

    /**
     * @param bound of one node, where Redis has no {@code maxmemory} or a greater one
     * @param high share of the bound from which on starts are refused, 0 to 1
     * @param low share below which they are taken again, at most {@code high}
     */
    MemoryWatch(
            RedisLink redis,
            Partitions partitions,
            MeterRegistry metrics,
            @ConfigProperty(name = "sluice.redis.memory-max") Optional<MemorySize> bound,
            @ConfigProperty(name = "sluice.queue.memory-high", defaultValue = "0.90") double high,
            @ConfigProperty(name = "sluice.queue.memory-low", defaultValue = "0.85") double low) {
        this.redis = redis;
        this.partitions = partitions;
        this.bound = bound.map(MemorySize::asLongValue).orElse(0L);
        this.high = high;
        this.low = low;
        Gauge.builder("sluice.redis.memory.used", this, watch -> watch.fullest().used())
                .description("Memory that the fullest node of Redis uses")
                .baseUnit("bytes")
                .register(metrics);
        Gauge.builder(
                        "sluice.redis.memory.share",
                        this,
                        watch -> watch.fullest().share())
                .description("The same as a share of what it may use; 0 where nothing bounds it")
                .register(metrics);
    }

    /** @throws dev.sluice.workflow.ProblemException SL1007 when the watermarks are none */
    public void start() {
        if (!(0 < low && low <= high && high <= 1)) {
            throw Problem.of(
                            Code.SL1007,
                            "sluice.queue.memory-low is " + low + " and sluice.queue.memory-high " + high
                                    + "; they must be above 0, at most 1, and the first not above the second")
                    .asException();
        }
        timer.scheduleWithFixedDelay(this::quietly, 0, 1, TimeUnit.SECONDS);
    }

    public void stop() {
        timer.shutdown();
    }

    private void quietly() {
        try {
            sample();
        } catch (RuntimeException e) {
            LOG.debugf("Redis' memory cannot be read: %s", e.getMessage());
        }
    }

    /** Reads anew; once a second by itself. */
    synchronized void sample() {
        if (all == Level.UNKNOWN)
            isCluster = redis.send(Command.INFO, "server").toString().contains("_mode:cluster");
        List<Partition> known = partitions.all();
        int count = isCluster ? Math.min(SAMPLES_MAX, known.size()) : 1;
        List<Partition> some = IntStream.range(next, next + count)
                .mapToObj(i -> known.get(i % known.size()))
                .toList();
        next = (next + count) % known.size();
        List<Response> replies = redis.runAll(
                Script.MEMORY,
                some.stream()
                        .map(p -> new RedisLink.Call(List.of(Keys.inbox(p)), List.of()))
                        .toList());
        for (int i = 0; i < count; i++)
            take(
                    some.get(i),
                    replies.get(i).get(0).toLong(),
                    replies.get(i).get(1).toLong());
    }

    private void take(Partition p, long used, long maxmemory) {
        long max = bound == 0 || maxmemory == 0 ? Math.max(bound, maxmemory) : Math.min(bound, maxmemory);
        Level before = level(p);
        Level now = before.then(used, max, high, low);
        if (isCluster) levels.put(p, now);
        all = isCluster ? fullestOf(now) : now;
        if (now.isFull() == before.isFull()) return;
        LOG.warnf(
                "Redis of partition %s uses %.0f %% of %d bytes: starts are %s",
                p.tag(), now.share() * 100, max, now.isFull() ? "refused" : "taken again");
    }

    private Level fullestOf(Level one) {
        return levels.values().stream()
                .max(Comparator.comparingDouble(Level::share))
                .orElse(one);
    }

    /** Of the node that the partition is on, as it was a second ago. */
    public Level level(Partition p) {
        return isCluster ? levels.getOrDefault(p, Level.UNKNOWN) : all;
    }

    /** Of the fullest node, as it was a second ago. */
    public Level fullest() {
        return all;
    }
}

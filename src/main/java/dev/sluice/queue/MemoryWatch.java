package dev.sluice.queue;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.redis.client.Command;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Watches how full Redis is, so that starts are refused before Redis refuses every write, also those by which work
 * ends. Above the upper watermark a server takes no starts until it is below the lower one.
 */
@ApplicationScoped
public class MemoryWatch {
    private static final Logger LOG = Logger.getLogger(MemoryWatch.class);

    private final RedisLink redis;
    private final long bound;
    private final double high;
    private final double low;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sluice-memory").factory());
    /** By the server's address. */
    private final Map<String, Level> levels = new ConcurrentHashMap<>();

    /** @param used and @param max bytes; max is 0 where nothing bounds the server; @param isFull takes no starts */
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
     * @param bound of one server, where Redis has no {@code maxmemory} or a greater one
     * @param high share of the bound from which on starts are refused, 0 to 1
     * @param low share below which they are taken again, at most {@code high}
     */
    MemoryWatch(
            RedisLink redis,
            MeterRegistry metrics,
            @ConfigProperty(name = "sluice.redis.memory-max") Optional<MemorySize> bound,
            @ConfigProperty(name = "sluice.queue.memory-high", defaultValue = "0.90") double high,
            @ConfigProperty(name = "sluice.queue.memory-low", defaultValue = "0.85") double low) {
        this.redis = redis;
        this.bound = bound.map(MemorySize::asLongValue).orElse(0L);
        this.high = high;
        this.low = low;
        Gauge.builder("sluice.redis.memory.used", this, watch -> watch.fullest().used())
                .description("Memory that the fullest server of Redis uses")
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

    /** Reads anew; once a second by itself. A server that does not answer stays as it was. */
    synchronized void sample() {
        Set<String> servers = redis.servers();
        levels.keySet().retainAll(servers);
        for (String server : servers) {
            String info = redis.sendTo(server, RedisLink.request(Command.INFO, "memory"))
                    .toString();
            take(server, number(info, "used_memory:"), number(info, "maxmemory:"));
        }
    }

    private static long number(String info, String name) {
        int from = info.indexOf('\n' + name) + 1 + name.length();
        return Long.parseLong(info.substring(from, info.indexOf('\r', from)));
    }

    void take(String server, long used, long maxmemory) {
        long max = bound == 0 || maxmemory == 0 ? Math.max(bound, maxmemory) : Math.min(bound, maxmemory);
        Level before = levels.getOrDefault(server, Level.UNKNOWN);
        Level now = before.then(used, max, high, low);
        levels.put(server, now);
        if (now.isFull() == before.isFull()) return;
        LOG.warnf(
                "Redis uses %.0f %% of %d bytes: starts are %s",
                now.share() * 100, max, now.isFull() ? "refused" : "taken again");
    }

    /** Of the server that the partition is on, as it was a second ago. */
    public Level level(Partition p) {
        // One server is the common case, and is not asked for again.
        if (levels.size() == 1) return fullest();
        String server = redis.server(p);
        return server == null ? Level.UNKNOWN : levels.getOrDefault(server, Level.UNKNOWN);
    }

    /** Of the fullest server, as it was a second ago. */
    public Level fullest() {
        return levels.values().stream()
                .max(Comparator.comparingDouble(Level::share))
                .orElse(Level.UNKNOWN);
    }
}

package dev.sluice.store;

import dev.sluice.queue.MemoryWatch;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Partitions;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How much may wait in a partition, how much room there is for more, and when there will be some again. */
@ApplicationScoped
class Room {
    /** A tenth of the bound: whoever comes back by then finds room, and not only he. */
    private static final int FREED_AGAIN = 10;

    /** 10 s: Redis gets no emptier within a shorter time, because runs are kept after their end. */
    private static final Duration MEMORY_WAIT = Duration.ofSeconds(10);

    private final Partitions partitions;
    private final MemoryWatch memory;
    private final Config config;
    private final long depthMax;
    private final Map<String, Long> ofGroups = new ConcurrentHashMap<>();
    private final Map<Partition, DrainRate> rates = new ConcurrentHashMap<>();
    private final Counter accepted;
    private final Counter refused;

    /**
     * @param depthMax of a group in a region: entries of its inboxes, tasks that wait and tasks in flight; its
     *     partitions have equal shares of it. {@code sluice.queue."<group>".depth-max} says otherwise for one group
     */
    Room(
            Partitions partitions,
            MemoryWatch memory,
            MeterRegistry metrics,
            Config config,
            @ConfigProperty(name = "sluice.queue.depth-max", defaultValue = "1000000") long depthMax) {
        this.partitions = partitions;
        this.memory = memory;
        this.config = config;
        this.depthMax = depthMax;
        this.accepted = Counter.builder("sluice.starts.accepted")
                .description("Runs that were asked for and accepted")
                .register(metrics);
        this.refused = Counter.builder("sluice.starts.refused")
                .description("Runs that were asked for and refused, because the queue or Redis is full")
                .register(metrics);
    }

    /** At how many entries the partition takes no more starts; 0 while its Redis is nearly full. */
    OptionalLong depthMax(Partition p) {
        return OptionalLong.of(memory.level(p).isFull() ? 0 : share(p));
    }

    /** 1 at least: a group that takes nothing at all is a mistake. */
    private long share(Partition p) {
        long ofGroup = ofGroups.computeIfAbsent(p.group(), this::ofGroup);
        return Math.max(1, ofGroup / partitions.of(p.group()).size());
    }

    private long ofGroup(String group) {
        Optional<Long> quoted = config.getOptionalValue("sluice.queue.\"" + group + "\".depth-max", Long.class);
        return quoted.or(() -> config.getOptionalValue("sluice.queue." + group + ".depth-max", Long.class))
                .orElse(depthMax);
    }

    /** Takes notice of what became of starts. */
    void note(Start.Group group, Start.Taken taken) {
        int in = 0;
        int full = 0;
        for (Acceptance each : taken.each()) {
            if (each == Acceptance.ACCEPTED) in++;
            if (each == Acceptance.FULL) full++;
        }
        accepted.increment(in);
        refused.increment(full);
        rate(group.partition()).note(System.nanoTime(), taken.depth(), in);
    }

    private DrainRate rate(Partition p) {
        return rates.computeIfAbsent(p, each -> new DrainRate());
    }

    /** Why the partition takes no start now, SL2034 or SL2035, and when to try again. */
    Problem refusal(Partition p) {
        MemoryWatch.Level level = memory.level(p);
        if (level.isFull()) {
            return Problem.of(
                            Code.SL2035,
                            "Redis uses " + level.used() + " of " + level.max()
                                    + " bytes and takes no new runs, so that those it has can end. Try again later; see"
                                    + " sluice.retention, or give Redis more memory.")
                    .retryAfter(MEMORY_WAIT);
        }
        long max = share(p);
        Duration wait = rate(p).waitFor(Math.max(1, max / FREED_AGAIN));
        return Problem.of(
                        Code.SL2034,
                        "group '" + p.group() + "' takes no new runs: " + max + " entries wait in partition " + p.tag()
                                + ", as many as may. Try again after " + wait.toSeconds()
                                + " s; more may wait with a greater sluice.queue.depth-max.")
                .retryAfter(wait);
    }
}

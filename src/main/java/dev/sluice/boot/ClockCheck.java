package dev.sluice.boot;

import dev.sluice.queue.RedisLink;
import dev.sluice.workflow.ProblemException;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Compares the clock with that of Redis at the start and every 10 s, and sets it right where it is far off. */
@Singleton
class ClockCheck {
    private static final Logger LOG = Logger.getLogger(ClockCheck.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** 1 s beside the time that asking took: below it, clocks that are kept by NTP would be moved for nothing. */
    private static final Duration TOLERANCE = Duration.ofSeconds(1);

    private final RedisLink redis;
    private final CommonClock clock;
    private ScheduledExecutorService timer;

    ClockCheck(RedisLink redis, CommonClock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    void start() {
        look();
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("sluice-clock").factory());
        timer.scheduleWithFixedDelay(this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop() {
        if (timer != null) timer.shutdown();
    }

    /** Leaves the clock as it is when Redis does not answer. */
    void look() {
        try {
            long before = clock.machineMillis();
            Response time = redis.send(Command.TIME);
            long after = clock.machineMillis();
            long there = time.get(0).toLong() * 1_000 + time.get(1).toLong() / 1_000;
            take(Duration.ofMillis(there - (before + after) / 2), Duration.ofMillis(after - before));
        } catch (ProblemException e) {
            LOG.debugf("the clock was not compared: %s", e.getMessage());
        }
    }

    /**
     * @param ahead by how much the clock of Redis is ahead of the machine's
     * @param asking how long it took to learn it: {@code ahead} may be wrong by half of that
     */
    void take(Duration ahead, Duration asking) {
        if (ahead.minus(clock.correction()).abs().compareTo(TOLERANCE.plus(asking)) <= 0) return;
        Duration by = ahead.abs().compareTo(TOLERANCE.plus(asking)) <= 0 ? Duration.ZERO : ahead;
        clock.correct(by);
        LOG.warnf(
                "this machine's clock differs from that of Redis by %s ms: Sluice goes by Redis. Keep both by NTP.",
                ahead.toMillis());
    }
}

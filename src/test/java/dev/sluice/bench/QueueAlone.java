package dev.sluice.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.QueueLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The queue without HTTP and without runs, in this process, beside what Redis itself can do. Both put messages of some
 * 200 bytes through, 32 at a time.
 */
final class QueueAlone implements Scenario {
    private static final Duration WARM_UP_MAX = Duration.ofSeconds(10);

    @Override
    public String title(Settings settings) {
        return "tasks enqueued, delivered and acknowledged, no HTTP, "
                + length(settings).toSeconds() + " s";
    }

    private static Duration length(Settings settings) {
        return settings.length().dividedBy(3);
    }

    @Override
    public void measure(Settings settings, Figures figures, ObjectNode detail) throws IOException {
        Path directory = World.directory(settings);
        try (RedisProcess redis = RedisProcess.start(directory, World.port(settings), settings.appendFsync());
                QueueLoad queue = new QueueLoad(redis.url())) {
            Duration warmUp = settings.warmUp().compareTo(WARM_UP_MAX) < 0 ? settings.warmUp() : WARM_UP_MAX;
            queue.tasksPerSecond(warmUp);
            double redisBefore = redis.child.cpuMillis();
            double ownBefore = Child.ownCpuMillis();
            Info before = redis.info();
            double rate = queue.tasksPerSecond(length(settings));
            double tasks = rate * length(settings).toMillis() / 1_000;
            figures.add("tasks/s", rate);
            figures.add("tasks/s, % of raw Redis", 100 * rate / figures.last(RawRedis.FIGURE));
            figures.add("CPU µs per task, redis", (redis.child.cpuMillis() - redisBefore) * 1_000 / tasks);
            figures.add("CPU µs per task, queue", (Child.ownCpuMillis() - ownBefore) * 1_000 / tasks);
            Info grown = redis.info().since(before);
            figures.add("script calls per task", grown.scripts() / tasks);
            figures.add(
                    "Redis commands per task, with those in scripts", grown.number("total_commands_processed") / tasks);
            Steps.perStep(detail.putObject("commandsPerTaskWithThoseInScripts"), grown.calls(), tasks);
            Steps.perStep(detail.putObject("microsecondsOfRedisPerTask"), grown.micros(), tasks);
        } finally {
            World.delete(directory);
        }
    }
}

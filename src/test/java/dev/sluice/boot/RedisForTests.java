package dev.sluice.boot;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** Gives a {@code @QuarkusTest} a Redis of its own: {@code @WithTestResource(RedisForTests.class)}. */
public final class RedisForTests implements QuarkusTestResourceLifecycleManager {
    private Path data;
    private EmbeddedRedis redis;

    @Override
    public Map<String, String> start() {
        try {
            data = Files.createTempDirectory("sluice-test");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        redis = EmbeddedRedis.start(data, System.getenv("PATH"), "no", () -> {});
        return Map.of("quarkus.redis.hosts", redis.url(), "sluice.data", data.toString());
    }

    @Override
    public void stop() {
        redis.close();
        try (var files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            // A temporary directory that stays behind does no harm.
        }
    }
}

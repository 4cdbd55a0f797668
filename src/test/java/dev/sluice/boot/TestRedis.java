package dev.sluice.boot;

import dev.sluice.redis.RedisSetup;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Locale;

/**
 * One real Redis for all tests of this JVM, started at the first use: the embedded one, whose leash ends it with the
 * JVM, or what {@code -Dsluice.test.redis.kind} says ({@code standalone}, {@code sentinel}, {@code cluster}), of the
 * program {@code -Dsluice.test.redis}.
 */
public final class TestRedis {
    private static final String KIND = System.getProperty("sluice.test.redis.kind", "");

    private static String url;
    private static RedisSetup setup;

    private TestRedis() {}

    public static synchronized String url() {
        if (url == null) url = start();
        return url;
    }

    public static synchronized RedisOptions options() {
        if (KIND.isEmpty()) return new RedisOptions().setConnectionString(url());
        if (setup == null) {
            setup = switch (RedisSetup.Kind.valueOf(KIND.toUpperCase(Locale.ROOT))) {
                case STANDALONE -> RedisSetup.standalone("no");
                case SENTINEL -> RedisSetup.sentinel(1);
                case CLUSTER -> RedisSetup.cluster(3);
            };
            Runtime.getRuntime().addShutdownHook(new Thread(setup::close));
        }
        return new RedisOptions()
                .setType(RedisClientType.valueOf(setup.kind.name()))
                .setMasterName(RedisSetup.PRIMARY)
                .setEndpoints(new ArrayList<>(setup.hosts()));
    }

    private static String start() {
        try {
            Path data = Files.createTempDirectory("sluice-test-redis");
            EmbeddedRedis redis = EmbeddedRedis.start(data, System.getenv("PATH"), "no", () -> {});
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                redis.close();
                delete(data);
            }));
            return redis.url();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
        } catch (IOException e) {
            // A temporary directory that stays is no harm.
        }
    }
}

package dev.sluice.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** One real Redis for all tests of this JVM, started at the first use; its leash ends it with the JVM. */
public final class TestRedis {
    private static String url;

    private TestRedis() {}

    public static synchronized String url() {
        if (url == null) url = start();
        return url;
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

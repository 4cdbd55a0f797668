package dev.sluice.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The redis-server that tests start: {@code -Dsluice.test.redis}, or the one that Sluice would start here. */
public final class RedisProgram {
    private static String path;

    private RedisProgram() {}

    public static synchronized String path() {
        if (path == null) path = find();
        return path;
    }

    private static String find() {
        String given = System.getProperty("sluice.test.redis", "");
        if (!given.isEmpty()) return given;
        try {
            Path home = Files.createTempDirectory("sluice-redis-program");
            var binary = RedisBinary.find(System.getenv("PATH"), RedisHome.in(home));
            try (var files = Files.walk(home)) {
                files.forEach(file -> file.toFile().deleteOnExit());
            }
            return binary.path().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisBinaryTest {
    @TempDir
    Path temp;

    private RedisHome home;

    @BeforeEach
    void makeHome() throws IOException {
        home = RedisHome.in(temp.resolve("data"));
    }

    @Test
    void takesRedisBeforeValkeyInWhateverDirectoryTheyAre() throws IOException {
        Path valkey = server("a", "valkey-server", "Valkey server v=8.0.1 sha=0");
        Path redis = server("b", "redis-server", "Redis server v=7.0.15 sha=0");
        assertThat(RedisBinary.find(valkey.getParent() + ":" + redis.getParent(), home))
                .isEqualTo(new RedisBinary(redis, 7, 0));
    }

    @Test
    void takesValkeyWhereRedisIsTooOld() throws IOException {
        Path redis = server("a", "redis-server", "Redis server v=5.0.7 sha=0");
        Path valkey = server("b", "valkey-server", "Valkey server v=8.0.1 sha=0");
        assertThat(RedisBinary.find(redis.getParent() + ":" + valkey.getParent(), home))
                .isEqualTo(new RedisBinary(valkey, 8, 0));
    }

    @Test
    void unpacksItsOwnWhereThereIsNone() throws IOException {
        RedisBinary own = RedisBinary.find("", home);
        assertThat(own.path()).startsWith(home.directory()).isExecutable();
        try (EmbeddedRedis redis = EmbeddedRedis.start(temp.resolve("data"), "", "everysec", () -> {})) {
            assertThat(redis.binary()).isEqualTo(own.path());
            assertThat(RedisTalk.say(redis.url(), "PING")).isEqualTo("+PONG");
        }
    }

    /** Redis 6 keeps its append-only file elsewhere: it would start empty on the data of Redis 7. */
    @Test
    void redis6IsNotStartedOnTheDataOfRedis7() throws IOException {
        Files.createDirectory(home.directory().resolve("appendonlydir"));
        Path old = server("a", "redis-server", "Redis server v=6.2.6 sha=0");
        assertThatThrownBy(() -> RedisBinary.find(old.getParent().toString(), home))
                .hasMessageStartingWith(
                        "SL1006 No redis-server: " + old + " is 6.2, and the data were written by Redis 7 or newer; ");
    }

    @Test
    void aBinaryThatDoesNotRunIsPassedOverAndNamed() throws IOException {
        Files.createDirectory(home.directory().resolve("appendonlydir"));
        Path broken = server("a", "redis-server", "libssl.so.3: cannot open shared object file");
        assertThatThrownBy(() -> RedisBinary.find(broken.getParent().toString(), home))
                .hasMessageContaining(broken + " does not run: libssl.so.3: cannot open shared object file");
    }

    private Path server(String directory, String name, String version) throws IOException {
        Path file = Files.createDirectories(temp.resolve(directory)).resolve(name);
        Files.writeString(file, "#!/bin/sh\necho '" + version + "'\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}

package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PATH = System.getenv("PATH");

    @TempDir
    Path data;

    @Test
    void answersOnlyThoseWhoKnowThePassword() throws IOException {
        try (EmbeddedRedis redis = start()) {
            assertThat(RedisTalk.say(redis.url(), "PING")).isEqualTo("+PONG");
            String withoutPassword =
                    "redis://127.0.0.1:" + URI.create(redis.url()).getPort();
            assertThat(RedisTalk.say(withoutPassword, "PING")).startsWith("-NOAUTH");
        }
    }

    @Test
    void keepsThePasswordInAFileOfItsOwnerOnly() throws IOException {
        try (EmbeddedRedis redis = start()) {
            Path settings = data.resolve("redis/redis.conf");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)))
                    .isEqualTo("rw-------");
            assertThat(ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream()))
                    .noneMatch(line -> line.contains(URI.create(redis.url()).getUserInfo()));
        }
    }

    @Test
    void whatItAcceptedIsThereAfterARestart() throws IOException {
        try (EmbeddedRedis redis = start()) {
            RedisTalk.say(redis.url(), "SET greeting hello");
        }
        try (EmbeddedRedis redis = start()) {
            assertThat(RedisTalk.say(redis.url(), "GET greeting")).isEqualTo("hello");
        }
    }

    @Test
    void neverEvictsAndWritesItsLogAsAsked() throws IOException {
        try (EmbeddedRedis redis = EmbeddedRedis.start(data, PATH, "always", () -> {})) {
            String asked = "CONFIG GET %s";
            assertThat(RedisTalk.say(redis.url(), asked.formatted("maxmemory-policy")))
                    .isEqualTo("noeviction");
            assertThat(RedisTalk.say(redis.url(), asked.formatted("appendfsync")))
                    .isEqualTo("always");
        }
    }

    @Test
    void endsByItselfWhenItsOwnerIsKilledAndLosesNothing() throws IOException {
        try (OtherJvm owner = OtherJvm.owning(data, true)) {
            RedisTalk.say(owner.said(), "SET greeting hello");
            owner.kill();
            assertThat(Poll.until(SOON, () -> refuses(owner.said()))).isTrue();
        }
        try (EmbeddedRedis redis = start()) {
            assertThat(RedisTalk.say(redis.url(), "GET greeting")).isEqualTo("hello");
        }
    }

    @Test
    void aStartRightAfterAKillWaitsForTheFormerRedis() throws IOException {
        try (OtherJvm owner = OtherJvm.owning(data, true)) {
            RedisTalk.say(owner.said(), "SET greeting hello");
            owner.kill();
        }
        try (EmbeddedRedis redis = start()) {
            assertThat(RedisTalk.say(redis.url(), "GET greeting")).isEqualTo("hello");
        }
    }

    @Test
    void comesBackOnTheSameAddressWhenItDies() throws IOException {
        try (EmbeddedRedis redis = start()) {
            String url = redis.url();
            RedisTalk.say(url, "SET greeting hello");
            RedisTalk.say(url, "SHUTDOWN");
            assertThat(Poll.until(SOON, () -> !refuses(url))).isTrue();
            assertThat(RedisTalk.say(url, "GET greeting")).isEqualTo("hello");
            assertThat(redis.url()).isEqualTo(url);
        }
    }

    @Test
    void isGivenUpWhenItKeepsDying() {
        AtomicInteger givenUp = new AtomicInteger();
        try (EmbeddedRedis redis = EmbeddedRedis.start(data, PATH, "everysec", givenUp::incrementAndGet)) {
            String url = redis.url();
            assertThat(Poll.until(SOON, () -> {
                        try {
                            RedisTalk.say(url, "SHUTDOWN");
                        } catch (IOException e) {
                            // It is just coming back, or gone for good.
                        }
                        return givenUp.get() > 0;
                    }))
                    .isTrue();
        }
        assertThat(givenUp).hasValue(1);
    }

    @Test
    void aStartThatFailsSaysWhatRedisSaidLast() throws IOException {
        Path broken = script("echo '7:M 01 Jan 2026 10:00:00.123 # Bad file format' >&2; exit 1");
        assertThatThrownBy(() -> EmbeddedRedis.start(data, broken.toString(), "everysec", () -> {}))
                .hasMessage("SL1005 Redis not reachable: the embedded Redis did not start: Bad file format");
    }

    private Path script(String body) throws IOException {
        Path directory = Files.createDirectory(data.resolve("bin"));
        Path file = directory.resolve("redis-server");
        Files.writeString(file, "#!/bin/sh\n[ \"$1\" = --version ] && { echo 'Redis server v=7.0.0'; exit; }\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private EmbeddedRedis start() {
        return EmbeddedRedis.start(data, PATH, "everysec", () -> {});
    }

    private static boolean refuses(String url) {
        try {
            return !"+PONG".equals(RedisTalk.say(url, "PING"));
        } catch (IOException e) {
            return true;
        }
    }
}

package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program, as a person starts it. */
class StartIT {
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Path JAR =
            Path.of(System.getProperty("sluice.build.directory", "target"), "quarkus-app", "quarkus-run.jar");

    @TempDir
    Path temp;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(p -> p.destroyForcibly().onExit().join());
    }

    @Test
    void aTakenPortIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertRefused(
                    sluice(port, temp.resolve("data")),
                    "SL1001 Port taken: another process is listening on 127.0.0.1:" + port);
        }
    }

    @Test
    void aDataDirectoryThatCannotBeIsOneLine() throws Exception {
        Path file = Files.createFile(temp.resolve("file"));
        assertRefused(sluice(0, file.resolve("data")), "SL1002 Data directory not writable: ");
    }

    @Test
    void aSettingThatCannotBeIsOneLine() throws Exception {
        assertRefused(
                sluice(0, temp.resolve("data"), "-Dsluice.redis.appendfsync=never"),
                "SL1007 Configuration not valid: ");
    }

    @Test
    void aSecondOneOnTheSameDataIsOneLine() throws Exception {
        int port = freePort();
        Process first = sluice(port, temp.resolve("data"));
        awaitReady(port);
        assertRefused(
                sluice(0, temp.resolve("data")),
                "SL1003 Data directory in use: another Sluice (process " + first.pid() + ") is using ");
    }

    @Test
    void sigtermEndsRedisToo() throws Exception {
        int port = freePort();
        Process sluice = sluice(port, temp.resolve("data"));
        awaitReady(port);
        RedisProbe redis = RedisHome.in(temp.resolve("data")).former().orElseThrow();
        assertThat(redis.ping()).isEqualTo(RedisProbe.Answer.READY);
        sluice.destroy();
        assertThat(sluice.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(redis.ping()).isEqualTo(RedisProbe.Answer.REFUSED);
        assertThat(sluice.exitValue()).isEqualTo(143);
    }

    /** The terminal sends Ctrl-C to every process of the foreground group; Redis must not be among them. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void ctrlCReachesSluiceAndNotRedis() throws Exception {
        int port = freePort();
        Process sluice = run(List.of("setsid", "env", "--default-signal=INT"), command(port, temp.resolve("data")));
        awaitReady(port);
        RedisHome redis = RedisHome.in(temp.resolve("data"));
        new ProcessBuilder("kill", "-INT", "--", "-" + sluice.pid()).start().waitFor();
        assertThat(sluice.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(sluice.exitValue()).isEqualTo(130);
        assertThat(redis.former().orElseThrow().ping()).isEqualTo(RedisProbe.Answer.REFUSED);
        assertThat(redis.log()).content().contains("Received SIGTERM").doesNotContain("Received SIGINT");
    }

    @Test
    void startsAgainRightAfterItWasKilled() throws Exception {
        int port = freePort();
        Process killed = sluice(port, temp.resolve("data"));
        awaitReady(port);
        killed.destroyForcibly().onExit().join();
        sluice(port, temp.resolve("data"));
        awaitReady(port);
    }

    @Test
    void theCommandLineNeedsNoServerToExplain() throws Exception {
        Process explain = run(List.of(), java("-jar", JAR.toString(), "explain", "SL1001"));
        assertThat(explain.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(explain.exitValue()).isZero();
        assertThat(Files.readString(output(explain))).startsWith("# SL1001 Port taken\n");
    }

    private void assertRefused(Process sluice, String line) throws Exception {
        assertThat(sluice.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(output(sluice)))
                .singleElement()
                .asString()
                .startsWith(line);
        assertThat(sluice.exitValue()).isEqualTo(2);
    }

    private Process sluice(int port, Path data, String... more) throws IOException {
        return run(List.of(), command(port, data, more));
    }

    private static List<String> command(int port, Path data, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of("-Dquarkus.http.port=" + port, "-Dsluice.data=" + data, "-jar", JAR.toString()));
        return java(arguments.toArray(String[]::new));
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private Process run(List<String> before, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(before);
        all.addAll(command);
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("output-" + started.size()).toFile())
                .start();
        started.add(process);
        return process;
    }

    private Path output(Process process) {
        return temp.resolve("output-" + started.indexOf(process));
    }

    private static void awaitReady(int port) {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        assertThat(Poll.until(START_MAX, () -> {
                    try {
                        return http.send(request, HttpResponse.BodyHandlers.discarding())
                                        .statusCode()
                                == 200;
                    } catch (IOException e) {
                        return false;
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .as("ready at port %d", port)
                .isTrue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

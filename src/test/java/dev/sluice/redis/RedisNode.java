package dev.sluice.redis;

import dev.sluice.boot.RedisProgram;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** One process of redis-server or valkey-server, as a server or a sentinel, on loopback; its data outlive a kill. */
public final class RedisNode implements AutoCloseable {
    /** 20 s: a loaded machine, and an append-only file that is read at the start. */
    private static final Duration START_MAX = Duration.ofSeconds(20);

    /** From here up: a cluster's nodes talk to each other 10,000 above, which is still below what systems hand out. */
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(Integer.getInteger("sluice.test.ports", 22_100));

    /** Held until the JVM ends. */
    private static final Queue<FileChannel> LOCKS = new ConcurrentLinkedQueue<>();

    public final int port;
    private final Path directory;
    private final List<String> settings;
    private Process process;

    private RedisNode(int port, Path directory, List<String> settings) {
        this.port = port;
        this.directory = directory;
        this.settings = settings;
    }

    /** @param settings as on the command line of redis-server */
    static RedisNode start(Path parent, String... settings) {
        int port = freePort();
        try {
            Path directory = Files.createDirectories(parent.resolve("redis-" + port));
            var node = new RedisNode(port, directory, List.of(settings));
            node.start();
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Nobody else's while this JVM lives, even while the server is dead: the tests of another checkout look here too.
     */
    static int freePort() {
        while (true) {
            int port = NEXT_PORT.getAndIncrement();
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (isOurs(port)) return free.getLocalPort();
            } catch (IOException e) {
                // Another process has it.
            }
        }
    }

    private static boolean isOurs(int port) throws IOException {
        Path locks = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "sluice-test-ports"));
        FileChannel lock = FileChannel.open(
                locks.resolve(String.valueOf(port)), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.tryLock() != null) return LOCKS.add(lock);
        lock.close();
        return false;
    }

    /** Again on the same port, with the data that are there. */
    public void start() throws IOException {
        Path settingsFile = directory.resolve("redis.conf");
        if (!Files.exists(settingsFile)) Files.writeString(settingsFile, settingsText());
        var command = new ArrayList<>(List.of(RedisProgram.path(), settingsFile.toString()));
        if (settings.contains("--sentinel")) command.add("--sentinel");
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        Awaitility.await("redis on " + port)
                .atMost(START_MAX)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !process.isAlive() || answers());
        if (!process.isAlive()) throw new IOException("redis has ended: " + Files.readString(directory.resolve("log")));
    }

    /** A file, because a sentinel writes what it learns into it. */
    private String settingsText() {
        var text = new StringBuilder("port " + port + "\nbind 127.0.0.1\ndir " + directory + "\nsave \"\"\n");
        for (String setting : settings) {
            if (!setting.equals("--sentinel")) text.append(setting).append('\n');
        }
        return text.toString().replace("save \"\"\n", settings.contains("--sentinel") ? "" : "save \"\"\n");
    }

    private boolean answers() {
        try {
            return info("process_id").equals(String.valueOf(process.pid()))
                    && say("PING").equals("PONG");
        } catch (UncheckedIOException | IllegalStateException e) {
            return false;
        }
    }

    /** {@code kill -9}. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /**
     * One command.
     *
     * @return text of its answer; of an array, its elements, one a line
     * @throws IllegalStateException for an error reply
     * @throws UncheckedIOException when the server does not answer within 5 s
     */
    public String say(String... command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            var request = new StringBuilder("*" + command.length + "\r\n");
            for (String part : command) {
                int length = part.getBytes(StandardCharsets.UTF_8).length;
                request.append('$').append(length).append("\r\n").append(part).append("\r\n");
            }
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            return reply(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reply(InputStream in) throws IOException {
        String head = line(in);
        String rest = head.substring(1);
        return switch (head.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> throw new IllegalStateException(rest);
            case '$' -> {
                int length = Integer.parseInt(rest);
                yield length < 0 ? "" : new String(in.readNBytes(length + 2), StandardCharsets.UTF_8).stripTrailing();
            }
            case '*' -> {
                var elements = new ArrayList<String>();
                for (int i = 0; i < Integer.parseInt(rest); i++) elements.add(reply(in));
                yield String.join("\n", elements);
            }
            default -> throw new IOException("not an answer of Redis: " + head);
        };
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) throw new IOException("the connection has ended");
            if (c != '\r') line.append((char) c);
        }
        return line.toString();
    }

    /** A line of INFO; empty when there is none. */
    public String info(String name) {
        return say("INFO", "all")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        if (process.isAlive()) kill();
    }
}

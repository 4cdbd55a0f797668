package dev.sluice.boot;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A second process that owns a data directory, and a Redis in it, until it is killed. */
final class OtherJvm implements AutoCloseable {
    private final Process process;
    private final String said;

    private OtherJvm(Process process, String said) {
        this.process = process;
        this.said = said;
    }

    static OtherJvm owning(Path data, boolean withRedis) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        data.toString(),
                        Boolean.toString(withRedis))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null) throw new IOException("the other process ended without a word");
        return new OtherJvm(process, line);
    }

    /** The URL of its Redis, or {@code owned}. */
    String said() {
        return said;
    }

    long pid() {
        return process.pid();
    }

    /** As {@code kill -9}; returns when the process is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** What the other process runs. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws InterruptedException {
            DataDirectory data = DataDirectory.take(Path.of(args[0]));
            boolean withRedis = Boolean.parseBoolean(args[1]);
            System.out.println(
                    withRedis
                            ? EmbeddedRedis.start(data.path(), System.getenv("PATH"), "always", () -> {})
                                    .url()
                            : "owned");
            new CountDownLatch(1).await();
        }
    }
}

package dev.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What Redis itself can do: messages of {@value #BODY_BYTES} bytes are added to a stream by one connection, and read by
 * a consumer group, acknowledged and deleted by another, 32 at a time. Every scenario is told beside this figure of its
 * minute.
 */
final class RawRedis {
    static final String FIGURE = "raw Redis, messages/s";

    private static final int BATCH = 32;

    /** As large as a task of a small step, with its names. */
    static final int BODY_BYTES = 200;

    private static final String BODY = "x".repeat(BODY_BYTES);
    private static final String STREAM = "raw";
    private static final String GROUP = "g";

    /** 64 batches: the reader always finds a whole one, and the stream stays as short as that of a busy queue. */
    private static final int LEAD_MAX = 64 * BATCH;

    private RawRedis() {}

    /** Messages a second through a Redis of their own with the settings of the measurement. */
    static double messagesPerSecond(Settings settings, Duration length) throws IOException {
        Path directory = World.directory(settings);
        try (RedisProcess redis = RedisProcess.start(directory, World.port(settings), settings.appendFsync())) {
            redis.call("XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM");
            // The first half second is not counted.
            measure(redis.port, Duration.ofMillis(500));
            return measure(redis.port, length);
        } finally {
            World.delete(directory);
        }
    }

    private static double measure(int port, Duration length) throws IOException {
        var added = new AtomicLong();
        var taken = new AtomicLong();
        long began = System.nanoTime();
        long until = began + length.toNanos();
        var adding = CompletableFuture.runAsync(() -> add(port, until, added, taken));
        try (Resp redis = new Resp(port)) {
            while (System.nanoTime() < until) take(redis, taken);
            double rate = taken.get() * 1e9 / (System.nanoTime() - began);
            adding.join();
            while (taken.get() < added.get()) take(redis, taken);
            return rate;
        }
    }

    private static void add(int port, long until, AtomicLong added, AtomicLong taken) {
        byte[] message = Resp.encoded(List.of("XADD", STREAM, "*", "d", BODY));
        try (Resp redis = new Resp(port)) {
            while (System.nanoTime() < until) {
                if (added.get() - taken.get() > LEAD_MAX) {
                    Pause.millis(1);
                    continue;
                }
                for (int i = 0; i < BATCH; i++) redis.write(message);
                redis.flush();
                for (int i = 0; i < BATCH; i++) redis.read();
                added.addAndGet(BATCH);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void take(Resp redis, AtomicLong taken) throws IOException {
        Object reply =
                redis.call("XREADGROUP", "GROUP", GROUP, "c", "COUNT", Integer.toString(BATCH), "STREAMS", STREAM, ">");
        if (reply == null) return;
        var acknowledge = new ArrayList<>(List.of("XACK", STREAM, GROUP));
        var delete = new ArrayList<>(List.of("XDEL", STREAM));
        var entries = (List<?>) ((List<?>) ((List<?>) reply).getFirst()).get(1);
        for (Object entry : entries) {
            String id = (String) ((List<?>) entry).getFirst();
            acknowledge.add(id);
            delete.add(id);
        }
        redis.write(acknowledge);
        redis.write(delete);
        redis.flush();
        redis.read();
        redis.read();
        taken.addAndGet(entries.size());
    }
}

package dev.sluice.inference;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.parsetools.RecordParser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A streamed answer as it comes in: server-sent events, of which only the data counts. One thread reads it. What was
 * read ahead is bounded: beyond it nothing more is taken from the connection.
 */
final class EventStream implements AutoCloseable {
    /**
     * 256 lines, about as many tokens: a reader that is behind by more must not make the server's memory its buffer.
     */
    private static final int LINES_MAX = 256;

    /** 1 MiB: one event of a stream is a token or a few; a whole answer in one event still fits. */
    private static final int LINE_BYTES_MAX = 1 << 20;

    private static final String DATA = "data:";

    /** What comes after the last event. */
    static final String DONE = "[DONE]";

    /** One line, or how the stream ended. @param failure null: it ended by itself */
    private record Line(String text, Throwable failure) {}

    private final Endpoint endpoint;
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Optional<Duration> usedUp;
    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
    private volatile boolean paused;
    private boolean ended;

    EventStream(Endpoint endpoint, HttpClientRequest request, HttpClientResponse response, Optional<Duration> usedUp) {
        this.endpoint = endpoint;
        this.request = request;
        this.response = response;
        this.usedUp = usedUp;
        // Not of the response itself: then the parser would resume it after every part, whoever had paused it.
        RecordParser parser = RecordParser.newDelimited("\n", this::take).maxRecordSize(LINE_BYTES_MAX);
        parser.exceptionHandler(this::fail);
        response.handler(parser);
        response.exceptionHandler(this::fail);
        response.endHandler(end -> {
            parser.handle(Buffer.buffer("\n"));
            lines.add(new Line(DATA + DONE, null));
        });
    }

    private void fail(Throwable failure) {
        lines.add(new Line("", failure));
    }

    /** How long the endpoint's quota is used up, as it says itself. */
    Optional<Duration> usedUp() {
        return usedUp;
    }

    private void take(Buffer line) {
        lines.add(new Line(line.toString(StandardCharsets.UTF_8).stripTrailing(), null));
        if (lines.size() < LINES_MAX) return;
        response.pause();
        paused = true;
        // Read to its end meanwhile by one who did not see the pause.
        goOn();
    }

    private void goOn() {
        if (!paused || lines.size() >= LINES_MAX / 2) return;
        paused = false;
        response.resume();
    }

    /**
     * Data of the next event, {@link #DONE} at the end.
     *
     * @param setting of the endpoint that says how long {@code most} is
     * @throws Failure when it does not come in time, or the connection broke
     */
    String next(Duration most, String setting) {
        long end = System.nanoTime() + most.toNanos();
        while (!ended) {
            Line line = poll(end, most, setting);
            if (line.failure() != null) throw EndpointFailure.of(endpoint, line.failure());
            if (line.text().startsWith(DATA)) {
                String data = line.text().substring(DATA.length()).strip();
                ended = data.equals(DONE);
                return data;
            }
        }
        return DONE;
    }

    private Line poll(long end, Duration most, String setting) {
        try {
            Line line = lines.poll(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) throw EndpointFailure.timedOut(endpoint, most, setting);
            goOn();
            return line;
        } catch (InterruptedException nobodyWaits) {
            Thread.currentThread().interrupt();
            throw EndpointFailure.aborted(endpoint);
        }
    }

    /** Closes the connection unless the answer has come to its end. */
    @Override
    public void close() {
        if (!ended) request.reset();
    }
}

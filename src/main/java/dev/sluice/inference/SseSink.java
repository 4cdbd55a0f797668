package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Writes a streamed answer to a client of the proxy, as fast as it reads. Used by one thread. */
final class SseSink implements Gateway.Sink {
    /** 60 s without reading a byte: the client is as good as gone. */
    private static final int STALLED_SECONDS = 60;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final OpenAiAnswer answer;
    private final boolean withUsage;
    private final boolean toTheEnd;
    private HttpServerResponse response;
    private boolean stalled;

    /**
     * @param withUsage the client wants the event that only tells the usage
     * @param toTheEnd the answer is wanted although nobody reads it any more
     */
    SseSink(OpenAiAnswer answer, boolean withUsage, boolean toTheEnd) {
        this.answer = answer;
        this.withUsage = withUsage;
        this.toTheEnd = toTheEnd;
    }

    @Override
    public void begin(String endpoint, String model) {
        response = answer.stream(endpoint, model);
    }

    @Override
    public void event(String data) {
        if (isGone()) return;
        if (!withUsage && isUsageAlone(data)) return;
        write("data: " + data + "\n\n");
    }

    /** After the answer is in the books. */
    void end(Completion completion) {
        if (response == null) begin(completion.endpoint(), completion.model());
        if (!isGone()) response.end("data: " + EventStream.DONE + "\n\n");
    }

    private boolean isGone() {
        if (!stalled && !answer.isClosed()) return false;
        if (!toTheEnd) throw new ReaderGone();
        return true;
    }

    private void write(String text) {
        response.write(text);
        if (!response.writeQueueFull()) return;
        var drained = new CountDownLatch(1);
        response.drainHandler(room -> drained.countDown());
        // Drained before somebody listened.
        if (!response.writeQueueFull()) return;
        stalled = !isDrained(drained);
        if (!stalled) return;
        answer.drop();
        if (!toTheEnd) throw new ReaderGone();
    }

    private boolean isDrained(CountDownLatch drained) {
        try {
            // A connection that was closed is never drained.
            for (int i = 0; i < STALLED_SECONDS && !answer.isClosed(); i++) {
                if (drained.await(1, TimeUnit.SECONDS)) return true;
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReaderGone();
        }
    }

    /** Cheap to see for nearly all events: only the last one has a usage that is not null. */
    private static boolean isUsageAlone(String data) {
        if (!data.contains("\"usage\"")) return false;
        try {
            JsonNode chunk = JSON.readTree(data);
            return chunk.path("usage").isObject() && chunk.path("choices").isEmpty();
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}

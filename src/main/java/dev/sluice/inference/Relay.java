package dev.sluice.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/**
 * Passes a streamed answer on as it comes, and keeps the whole of it. Its end, {@code [DONE]}, is left to the caller:
 * who has seen it can rely on the answer's being in the journal.
 */
final class Relay {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Endpoint endpoint;
    private final EventStream events;
    private final Gateway.Sink sink;
    private final StreamedAnswer answer = new StreamedAnswer();

    Relay(Endpoint endpoint, EventStream events, Gateway.Sink sink) {
        this.endpoint = endpoint;
        this.events = events;
        this.sink = sink;
    }

    /**
     * @return the whole answer
     * @throws Failure when it broke off; of a kind that another endpoint may be asked after only if nothing was passed
     *     on
     * @throws ReaderGone when nobody reads any more
     */
    ObjectNode run() {
        Endpoint.Timeouts timeouts = endpoint.timeouts();
        long end = System.nanoTime() + timeouts.total().toNanos();
        String data = events.next(timeouts.firstToken(), "first-token-timeout");
        if (data.equals(EventStream.DONE)) throw EndpointFailure.brokenOff(endpoint);
        JsonNode first = read(data);
        sink.begin(endpoint.name(), endpoint.model());
        pass(first, data);
        try {
            rest(end);
            return answer.whole();
        } catch (Failure failure) {
            throw failure.afterItBegan();
        }
    }

    private void rest(long end) {
        String data = next(end);
        while (!data.equals(EventStream.DONE)) {
            pass(read(data), data);
            data = next(end);
        }
        if (!answer.isWhole()) throw EndpointFailure.brokenOff(endpoint);
    }

    private void pass(JsonNode chunk, String data) {
        answer.add(chunk);
        sink.event(data);
    }

    private String next(long end) {
        return events.next(Duration.ofNanos(Math.max(1, end - System.nanoTime())), "timeout");
    }

    private JsonNode read(String data) {
        try {
            JsonNode chunk = JSON.readTree(data);
            if (chunk.has("error")) throw EndpointFailure.of(endpoint, 500, data, Duration.ZERO);
            return chunk;
        } catch (JsonProcessingException notJson) {
            throw EndpointFailure.noCompletion(endpoint, "an event of it is not JSON");
        }
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;

/** Gives an answer that is there already to one who wants it as a stream. */
final class Replay {
    private Replay() {}

    /** @param sink null: nobody does */
    static void to(Gateway.Sink sink, String endpoint, String model, JsonNode body) {
        if (sink == null) return;
        sink.begin(endpoint, model);
        StreamedAnswer.chunks(body).forEach(chunk -> sink.event(chunk.toString()));
    }
}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * Lines of the ledger as JSON: {@code at} (ms since 1970) {@code step attempt call exchange endpoint model in cached
 * out micros uncertain millis outcome rung hedge prices}. What is zero, empty or false is left out.
 */
final class LineCodec {
    private LineCodec() {}

    static String text(Account account, LedgerLine line) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", line.at().toEpochMilli());
        put(json, "step", account.step());
        put(json, "attempt", account.attempt());
        put(json, "call", line.call());
        put(json, "exchange", line.exchange());
        put(json, "endpoint", line.endpoint());
        put(json, "model", line.model());
        put(json, "in", line.tokens().input());
        put(json, "cached", line.tokens().cached());
        put(json, "out", line.tokens().output());
        put(json, "micros", line.costMicros());
        put(json, "uncertain", line.uncertainMicros());
        put(json, "millis", line.millis());
        put(json, "outcome", line.outcome());
        put(json, "rung", line.rung());
        if (line.hedge()) json.put("hedge", true);
        put(json, "prices", line.prices());
        return json.toString();
    }

    static Ledger.Entry entry(String text) {
        JsonNode json = StoredJson.tree(text);
        return new Ledger.Entry(
                Instant.ofEpochMilli(json.path("at").asLong()),
                json.path("step").asText(""),
                json.path("attempt").asInt(),
                json.path("call").asText(""),
                json.path("exchange").asText(""),
                json.path("endpoint").asText(""),
                json.path("model").asText(""),
                json.path("in").asLong(),
                json.path("cached").asLong(),
                json.path("out").asLong(),
                json.path("micros").asLong(),
                json.path("uncertain").asLong(),
                json.path("millis").asLong(),
                json.path("outcome").asText(""),
                json.path("rung").asText(""),
                json.path("hedge").asBoolean(),
                json.path("prices").asText(""));
    }

    static LedgerLine line(Ledger.Entry entry) {
        return new LedgerLine(
                entry.at(),
                entry.call(),
                entry.exchange(),
                entry.endpoint(),
                entry.model(),
                new Tokens(entry.input(), entry.cached(), entry.output()),
                entry.costMicros(),
                entry.uncertainMicros(),
                entry.millis(),
                entry.outcome(),
                entry.rung(),
                entry.hedge(),
                entry.prices());
    }

    private static void put(ObjectNode json, String name, String value) {
        if (!value.isEmpty()) json.put(name, value);
    }

    private static void put(ObjectNode json, String name, long value) {
        if (value != 0) json.put(name, value);
    }
}

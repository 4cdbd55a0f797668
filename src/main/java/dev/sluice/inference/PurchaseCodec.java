package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * Answers in a journal as JSON: {@code endpoint model usage attempt body at}; {@code usage} is an array of input,
 * cached and output tokens and micro-dollars, {@code body} the text of the response, {@code at} ms since 1970.
 */
final class PurchaseCodec {
    private PurchaseCodec() {}

    static String text(Purchase purchase) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("endpoint", purchase.endpoint()).put("model", purchase.model());
        Tokens tokens = purchase.tokens();
        json.putArray("usage")
                .add(tokens.input())
                .add(tokens.cached())
                .add(tokens.output())
                .add(purchase.costMicros());
        json.put("attempt", purchase.attempt())
                .put("body", purchase.body())
                .put("at", purchase.at().toEpochMilli());
        return json.toString();
    }

    static Purchase purchase(String text) {
        JsonNode json = StoredJson.tree(text);
        JsonNode usage = json.path("usage");
        return new Purchase(
                json.path("endpoint").asText(),
                json.path("model").asText(),
                new Tokens(
                        usage.path(0).asLong(),
                        usage.path(1).asLong(),
                        usage.path(2).asLong()),
                usage.path(3).asLong(),
                json.path("attempt").asInt(),
                json.path("body").asText(),
                Instant.ofEpochMilli(json.path("at").asLong()));
    }
}

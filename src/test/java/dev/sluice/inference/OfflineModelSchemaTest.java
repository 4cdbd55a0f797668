package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random schemas of the supported kind: whatever is asked, the answer is valid. */
class OfflineModelSchemaTest {
    private static final int SCHEMAS = 1_000;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> NAMES = List.of(
            "label",
            "summary",
            "keyPoints",
            "invoiceNumber",
            "dueDate",
            "total",
            "currency",
            "email",
            "url",
            "author",
            "organisation",
            "confidence",
            "reason",
            "language",
            "tags",
            "signed",
            "notes",
            "value",
            "phone",
            "wordCount",
            "year",
            "title",
            "risks",
            "x",
            "näme",
            "a-b_c",
            "vatAmount",
            "parties",
            "version",
            "iban");
    private static final List<String> LABELS =
            List.of("invoice", "contract", "letter", "other", "fire drill", "", "ä", "A-1", "high", "low");
    private static final List<String> TEXTS = List.of(
            Texts.INVOICE,
            Texts.LETTER,
            Texts.CONTRACT,
            Texts.EMAIL,
            "a",
            "…",
            "1 2 3",
            "\ud83d\ude00 ".repeat(50),
            "{\"a\": [1, 2]}",
            "x".repeat(3_000),
            "Total: $5\nDate: 31.02.2026\n: :\n|||");

    @Test
    void everyAnswerIsValidAgainstItsSchema() {
        for (int seed = 0; seed < SCHEMAS; seed++) {
            Random random = new Random(seed);
            ObjectNode schema = object(random, 0);
            String text = TEXTS.get(random.nextInt(TEXTS.size()));
            OfflineModel.Reply reply = OfflineModel.complete(Texts.request(Texts.document("a", text), schema));
            assertThat(reply.status())
                    .as("seed %d: %s gave %s", seed, schema, reply.body())
                    .isEqualTo(200);
            String content = reply.body().at("/choices/0/message/content").asText();
            if (reply.body().at("/choices/0/finish_reason").asText().equals("length")) continue;
            JsonNode value = JsonRepair.value(content).orElseThrow();
            assertThat(AnswerSchema.flaw(schema, value))
                    .as("seed %d: %s gave %s", seed, schema, value)
                    .isEmpty();
        }
    }

    private static ObjectNode object(Random random, int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "object").put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        int count = random.nextInt(1, 6);
        for (int i = 0; i < count; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            properties.set(name, any(random, depth + 1));
        }
        properties.fieldNames().forEachRemaining(name -> {
            if (random.nextInt(4) > 0) required.add(name);
        });
        return schema;
    }

    private static JsonNode any(Random random, int depth) {
        ObjectNode schema =
                switch (random.nextInt(depth > 3 ? 5 : 8)) {
                    case 0 -> choice(random);
                    case 1, 2 -> string(random);
                    case 3 -> number(random);
                    case 4 -> JSON.objectNode().put("type", "boolean");
                    case 5, 6 -> array(random, depth);
                    default -> object(random, depth);
                };
        return random.nextInt(4) == 0 ? nullable(schema, random) : schema;
    }

    private static ObjectNode nullable(ObjectNode schema, Random random) {
        if (schema.has("enum") || random.nextBoolean()) {
            ObjectNode either = JSON.objectNode();
            either.putArray(random.nextBoolean() ? "anyOf" : "oneOf")
                    .add(schema)
                    .addObject()
                    .put("type", "null");
            return either;
        }
        String type = schema.get("type").asText();
        schema.putArray("type").add(type).add("null");
        return schema;
    }

    private static ObjectNode choice(Random random) {
        List<String> labels = new ArrayList<>(LABELS);
        Collections.shuffle(labels, random);
        ObjectNode schema = JSON.objectNode();
        if (random.nextBoolean()) schema.put("type", "string");
        ArrayNode choice = schema.putArray("enum");
        labels.subList(0, random.nextInt(1, labels.size())).forEach(choice::add);
        return schema;
    }

    private static ObjectNode string(Random random) {
        ObjectNode schema = JSON.objectNode().put("type", "string");
        switch (random.nextInt(6)) {
            case 0 -> schema.put("maxLength", random.nextInt(0, 60));
            case 1 -> schema.put("minLength", random.nextInt(0, 30));
            case 2 ->
                schema.put(
                        "format",
                        List.of("date", "date-time", "email", "uri", "uuid", "time", "ipv4", "hostname")
                                .get(random.nextInt(8)));
            case 3 ->
                schema.put(
                        "pattern",
                        List.of("^[A-Z]{3}$", "^\\d{4}-\\d{2}-\\d{2}$", "^.*$", "\\d")
                                .get(random.nextInt(4)));
            default -> {}
        }
        return schema;
    }

    private static ObjectNode number(Random random) {
        ObjectNode schema = JSON.objectNode().put("type", random.nextBoolean() ? "integer" : "number");
        int low = random.nextInt(-50, 50);
        if (random.nextBoolean()) schema.put(random.nextInt(3) == 0 ? "exclusiveMinimum" : "minimum", low);
        if (random.nextBoolean())
            schema.put(random.nextInt(3) == 0 ? "exclusiveMaximum" : "maximum", low + random.nextInt(12, 200));
        if (random.nextInt(4) == 0) schema.put("multipleOf", random.nextInt(1, 6));
        return schema;
    }

    private static ObjectNode array(Random random, int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "array");
        boolean unique = random.nextInt(4) == 0;
        schema.set("items", unique ? JSON.objectNode().put("type", "string") : any(random, depth + 1));
        int min = random.nextInt(0, 3);
        if (random.nextBoolean()) schema.put("minItems", min);
        if (random.nextBoolean()) schema.put("maxItems", min + random.nextInt(0, 6));
        if (unique) schema.put("uniqueItems", true);
        return schema;
    }
}

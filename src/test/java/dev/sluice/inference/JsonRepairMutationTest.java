package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Valid documents, damaged by chance: what is read afterwards was there before. */
class JsonRepairMutationTest {
    private static final int DAMAGES = 1_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LETTERS = "abc xyz'äé,.:;/#-{}[]<>`\n\"\\";

    private final Random chance = new Random(6);
    private int names;

    private JsonNode value(int depth) {
        return switch (chance.nextInt(depth > 3 ? 4 : 6)) {
            case 0 -> NODES.textNode(word());
            case 1 -> NODES.numberNode(chance.nextInt(1_000_000) - 500_000);
            case 2 -> NODES.numberNode(chance.nextInt(1_000) / 8.0);
            case 3 -> chance.nextBoolean() ? NODES.booleanNode(chance.nextBoolean()) : NODES.nullNode();
            case 4 -> {
                var array = NODES.arrayNode();
                for (int i = chance.nextInt(4); i > 0; i--) array.add(value(depth + 1));
                yield array;
            }
            default -> object(depth);
        };
    }

    private ObjectNode object(int depth) {
        ObjectNode object = NODES.objectNode();
        for (int i = 1 + chance.nextInt(4); i > 0; i--) object.set("name" + names++, value(depth + 1));
        return object;
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int i = chance.nextInt(12); i > 0; i--) word.append(LETTERS.charAt(chance.nextInt(LETTERS.length())));
        return word.toString();
    }

    private String written(JsonNode value) {
        return chance.nextBoolean() ? value.toString() : value.toPrettyString();
    }

    @Test
    void validDocumentsAreNeverChanged() {
        for (int i = 0; i < DAMAGES; i++) {
            JsonNode document = value(0);
            if (document.isTextual()) continue;
            assertThat(JsonRepair.value(written(document))).contains(document);
        }
    }

    @Test
    void theRewriterCopiesValidDocumentsAsTheyStand() throws Exception {
        for (int i = 0; i < DAMAGES; i++) {
            ObjectNode document = object(0);
            String text = written(document);
            var reading = new JsonRewriter(text, 0).read().orElseThrow();
            assertThat(reading.cut()).isFalse();
            assertThat(reading.end()).isEqualTo(text.length());
            assertThat(JSON.readTree(reading.json())).isEqualTo(document);
        }
    }

    @Test
    void whatIsAroundADocumentChangesNothing() {
        String[] around = {"%s", "```json\n%s\n```", "Sure!\n\n%s\n\nDone.", "<think>[{ hm</think>%s", "%s,"};
        for (int i = 0; i < DAMAGES; i++) {
            ObjectNode document = object(0);
            String text = String.format(around[chance.nextInt(around.length)], written(document));
            assertThat(JsonRepair.value(text)).as(text).contains(document);
        }
    }

    @Test
    void cutAnywhereADocumentKeepsABeginningOfItself() {
        int read = 0;
        for (int i = 0; i < DAMAGES; i++) {
            ObjectNode document = object(0);
            String text = written(document);
            String cut = text.substring(0, chance.nextInt(text.length()));
            Optional<JsonNode> value = JsonRepair.value(cut);
            value.ifPresent(found -> assertBeginning(found, document, cut));
            if (value.isPresent()) read++;
        }
        assertThat(read).isGreaterThan(DAMAGES / 2);
    }

    private static void assertBeginning(JsonNode found, JsonNode whole, String text) {
        if (found.isTextual()) assertThat(whole.textValue()).as(text).startsWith(found.textValue());
        else if (!found.isContainerNode()) assertThat(found).as(text).isEqualTo(whole);
        else assertThat(whole.getNodeType()).as(text).isEqualTo(found.getNodeType());
        if (found.isArray()) {
            assertThat(found.size()).as(text).isLessThanOrEqualTo(whole.size());
            for (int i = 0; i < found.size(); i++) assertBeginning(found.get(i), whole.get(i), text);
        }
        found.properties().forEach(member -> {
            assertThat(whole.has(member.getKey())).as(text).isTrue();
            assertBeginning(member.getValue(), whole.get(member.getKey()), text);
        });
    }

    @Test
    void damagedAnywhereADocumentGetsNoMemberThatItDidNotHave() {
        int read = 0;
        for (int i = 0; i < 4 * DAMAGES; i++) {
            String damaged = damaged(written(object(0)));
            Optional<JsonNode> value = JsonRepair.value(damaged);
            value.ifPresent(found -> assertNothingInvented(found, damaged));
            if (value.isPresent()) read++;
        }
        assertThat(read).isGreaterThan(DAMAGES);
    }

    private String damaged(String text) {
        StringBuilder damaged = new StringBuilder(text);
        for (int n = 1 + chance.nextInt(2); n > 0 && damaged.length() > 1; n--) {
            int at = chance.nextInt(damaged.length());
            switch (chance.nextInt(4)) {
                case 0 -> damaged.deleteCharAt(at);
                case 1 -> damaged.insert(at, LETTERS.charAt(chance.nextInt(LETTERS.length())));
                case 2 -> damaged.setCharAt(at, LETTERS.charAt(chance.nextInt(LETTERS.length())));
                default -> damaged.delete(at, Math.min(damaged.length(), at + 1 + chance.nextInt(20)));
            }
        }
        return damaged.toString();
    }

    /** Names and numbers stand in the text as they are. */
    private static void assertNothingInvented(JsonNode found, String text) {
        found.properties().forEach(member -> {
            String name = NODES.textNode(member.getKey()).toString();
            boolean there = text.contains(name.substring(1, name.length() - 1)) || text.contains(member.getKey());
            assertThat(there || member.getKey().contains("\\"))
                    .as(name + " in " + text)
                    .isTrue();
        });
        if (found.isIntegralNumber()) assertThat(text).contains(found.asText());
        found.forEach(item -> assertNothingInvented(item, text));
    }
}

package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SchemaBoundsTest {
    private static final String OPEN = """
            {"type": "object", "properties": {
               "label": {"type": "string", "enum": ["a", "b"]},
               "author": {"type": ["string", "null"]},
               "code": {"type": "string", "maxLength": 4},
               "urls": {"type": "array", "items": {"type": "string"}}}}
            """;

    @Test
    void stringsAndArraysWithoutBoundGetOneAndTheSchemaItselfStays() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(OPEN);
        JsonNode bounded = SchemaBounds.of(schema, 200);
        assertThat(bounded.at("/properties/author/maxLength").asInt()).isEqualTo(200);
        assertThat(bounded.at("/properties/urls/maxItems").asInt()).isEqualTo(5);
        assertThat(bounded.at("/properties/urls/items/maxLength").asInt()).isEqualTo(200);
        assertThat(bounded.at("/properties/code/maxLength").asInt()).isEqualTo(4);
        assertThat(bounded.at("/properties/urls/items").has("minLength")).isFalse();
        assertThat(bounded.at("/properties/code/minLength").asInt()).isEqualTo(4);
        assertThat(bounded.at("/properties/author").has("minLength")).isFalse();
        assertThat(bounded.at("/properties/label").has("maxLength")).isFalse();
        assertThat(schema).isEqualTo(new ObjectMapper().readTree(OPEN));
    }
}

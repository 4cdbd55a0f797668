package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

final class SchemaWalk {
    SchemaWalk(JsonNode schema) {}

    List<Mistake> check(JsonNode v) {
        return List.of();
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.LinkedHashMap;
import java.util.List;

/** A JSON Schema (draft 2020-12) that stands in a workflow document. */
public final class InputSchema {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** The schema of schemas; it is in the validator's jar. */
    private static final Schema OF_SCHEMAS =
            REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));

    private final Schema schema;

    private InputSchema(Schema schema) {
        this.schema = schema;
    }

    /** @param document the schema itself; nothing is fetched from elsewhere */
    public static InputSchema of(JsonNode document) {
        return new InputSchema(REGISTRY.getSchema(document));
    }

    /** What keeps {@code document} from being a JSON Schema: one thing for each place, with its JSON pointer. */
    static List<String> mistakes(JsonNode document) {
        var byPlace = new LinkedHashMap<String, String>();
        OF_SCHEMAS
                .validate(document)
                .forEach(
                        error -> byPlace.putIfAbsent(error.getInstanceLocation().toString(), describe(error)));
        return List.copyOf(byPlace.values());
    }

    /** What does not match, each with the JSON pointer of the place; empty when all does. */
    public List<String> check(JsonNode value) {
        return schema.validate(value).stream().map(InputSchema::describe).toList();
    }

    static String describe(Error error) {
        String place = error.getInstanceLocation().toString();
        return (place.isEmpty() ? "/" : place) + " " + error.getMessage();
    }
}

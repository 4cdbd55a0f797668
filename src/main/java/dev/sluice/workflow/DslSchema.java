package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Checks a document against the DSL's own JSON Schema, as the SDK carries it, and against what the specification says
 * beyond it: {@code evaluate}, any value in {@code query}, and no other members at the top.
 */
final class DslSchema {
    private static final String RESOURCE = "/schema/workflow.yaml";

    /** The specification's "Evaluate", which the schema leaves out. */
    private static final String EVALUATE = """
            type: object
            unevaluatedProperties: false
            properties:
              language: { type: string }
              mode: { type: string, enum: [ strict, loose ] }
            """;

    /** {@code with.query} of an http call: {@code map[string, any]} in the reference, texts alone in the schema. */
    private static final String QUERY = "/$defs/callTask/oneOf/2/allOf/1/properties/with/properties/query/oneOf/0";

    private final SchemaWalk walk;

    DslSchema() {
        var yaml = new ObjectMapper(new YAMLFactory());
        try (InputStream in = DslSchema.class.getResourceAsStream(RESOURCE)) {
            var schema = (ObjectNode) yaml.readTree(in);
            schema.put("unevaluatedProperties", false);
            schema.withObject("/properties").set("evaluate", yaml.readTree(EVALUATE));
            ((ObjectNode) schema.at(QUERY)).put("additionalProperties", true);
            walk = new SchemaWalk(schema);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + RESOURCE, e);
        }
    }

    /** Leaves what is wrong with the findings. */
    void check(JsonNode document, Findings findings) {
        for (Mistake mistake : walk.check(document)) {
            if (mistake.kind() == Mistake.Kind.UNSUPPORTED) findings.unsupported(mistake.pointer(), mistake.message());
            else findings.add(mistake.pointer(), mistake.message());
        }
        JsonNode dsl = document.at("/document/dsl");
        if (dsl.isTextual()
                && dsl.textValue().matches("\\d+\\..*")
                && !dsl.textValue().startsWith("1.0.")) {
            findings.unsupported(
                    "/document/dsl", "version " + dsl.textValue() + " of the DSL is not supported; 1.0.x is");
        }
        JsonNode language = document.at("/evaluate/language");
        if (language.isTextual() && !language.textValue().equals("jq")) {
            findings.unsupported(
                    "/evaluate/language", Mistake.show(language) + " is not supported as a language; jq is");
        }
    }
}

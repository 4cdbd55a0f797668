package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The walk of our own against a validator in general: it may say it better, it must not say another thing. */
class DslSchemaTest {
    /** Uses every part of the DSL once, so that every part of the schema is walked. */
    private static final String RESOURCE = "/dsl/everything.yaml";

    /** 400 in every build; more with -Dsluice.dsl.mutants. */
    private static final int MUTANTS = Integer.getInteger("sluice.dsl.mutants", 400);

    private static final List<String> VALUES = List.of(
            "null", "1", "-1", "1.5", "true", "'x'", "''", "[]", "{}", "{ x: 1 }", "[ { x: { call: f } } ]", "'PT5M'");

    private final DslSchema ours = new DslSchema();

    private static JsonNode yaml(String text) {
        try {
            return new ObjectMapper(new YAMLFactory()).readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private static JsonNode resource(Class<?> beside, String name) throws IOException {
        try (InputStream in = beside.getResourceAsStream(name)) {
            return new ObjectMapper(new YAMLFactory()).readTree(in);
        }
    }

    private List<Finding> check(JsonNode document) {
        var findings = new Findings();
        ours.check(document, findings);
        return findings.all();
    }

    @Test
    void aDocumentThatUsesEverythingIsValid() throws IOException {
        assertThat(check(resource(DslSchemaTest.class, RESOURCE))).isEmpty();
    }

    @Test
    void everyKeywordOfTheDslsSchemaIsApplied() throws IOException {
        var used = new TreeSet<String>();
        keywords(resource(DslSchema.class, "/schema/workflow.yaml"), used);
        assertThat(SchemaWalk.KEYWORDS).containsAll(used);
    }

    private static void keywords(JsonNode schema, TreeSet<String> used) {
        if (!schema.isObject()) return;
        schema.fieldNames().forEachRemaining(used::add);
        for (String named : List.of("properties", "$defs")) {
            schema.path(named).forEach(part -> keywords(part, used));
        }
        for (String one : List.of("items", "additionalProperties", "not", "if", "then", "else")) {
            keywords(schema.path(one), used);
        }
        for (String list : List.of("oneOf", "anyOf", "allOf")) {
            schema.path(list).forEach(part -> keywords(part, used));
        }
    }

    @Test
    void aDocumentThatAnyChangeMakesInvalidIsRefusedAndNoOther() throws IOException {
        JsonNode schema = resource(DslSchema.class, "/schema/workflow.yaml");
        // The specification lists the members of the top level, the schema does not close it.
        ((ObjectNode) schema).put("unevaluatedProperties", false);
        Schema theirs = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema);
        JsonNode origin = resource(DslSchemaTest.class, RESOURCE);
        ((ObjectNode) origin).remove("evaluate");
        var differing = new ArrayList<String>();
        int invalid = 0;
        for (int seed = 0; seed < MUTANTS; seed++) {
            JsonNode mutant = mutant(origin.deepCopy(), new Random(seed));
            boolean valid = theirs.validate(mutant).isEmpty();
            List<Finding> findings = check(mutant);
            if (valid != findings.isEmpty())
                differing.add("seed " + seed + ", theirs: " + valid + ", ours: " + findings);
            if (!valid) invalid++;
        }
        assertThat(differing).isEmpty();
        assertThat(invalid).isBetween(MUTANTS / 4, MUTANTS * 19 / 20);
    }

    /** Drops, replaces, renames or adds one member or item somewhere. */
    private static JsonNode mutant(JsonNode document, Random random) {
        var places = new ArrayList<JsonNode>();
        collect(document, places);
        JsonNode place = places.get(random.nextInt(places.size()));
        JsonNode value = yaml(VALUES.get(random.nextInt(VALUES.size())));
        if (place instanceof ObjectNode object) {
            var names = new ArrayList<String>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(name, value);
                case 2 -> object.set(name + "x", object.remove(name));
                default -> object.set("use", value);
            }
        } else if (place instanceof ArrayNode array) {
            int at = random.nextInt(array.size());
            if (random.nextBoolean()) array.set(at, value);
            else array.remove(at);
        }
        return document;
    }

    private static void collect(JsonNode node, List<JsonNode> places) {
        if (node.isContainerNode() && !node.isEmpty()) places.add(node);
        node.forEach(child -> collect(child, places));
    }
}

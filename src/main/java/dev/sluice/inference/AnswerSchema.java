package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import com.networknt.schema.format.PatternFormat;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Validates answers. Draft 2020-12 unless the schema says otherwise; {@code format} is asserted; nothing is fetched.
 */
final class AnswerSchema {
    /** 256 compiled schemas: a cluster has far fewer kinds of steps that ask a model. */
    private static final int COMPILED_MAX = 256;

    /** Three: a model that missed a schema often missed it everywhere. */
    private static final int FLAWS_MAX = 3;

    /** The library's own check refuses addresses below domains that are not in its list, such as internal ones. */
    private static final Format EMAIL = PatternFormat.of("email", "^[^@\\s]{1,64}@[^@\\s]{1,255}$", "format.email");

    private static final Dialect DIALECT =
            Dialect.builder(Dialects.getDraft202012()).format(EMAIL).build();

    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            DIALECT,
            builder -> builder.schemaCacheEnabled(false)
                    .schemaRegistryConfig(SchemaRegistryConfig.builder()
                            .regularExpressionFactory(JDKRegularExpressionFactory.getInstance())
                            .formatAssertionsEnabled(true)
                            .locale(Locale.ROOT)
                            .build()));

    private static final Map<JsonNode, Schema> COMPILED = Collections.synchronizedMap(new Recent());

    private AnswerSchema() {}

    /** Why the schema itself cannot be used, told before an answer is paid for; empty when it can. */
    static Optional<String> mistake(JsonNode schema) {
        if (!schema.isObject()) return Optional.of("it must be a JSON object");
        try {
            compiled(schema).validate(NullNode.getInstance());
            return Optional.empty();
        } catch (RuntimeException wrong) {
            // The library throws whatever the first part of it that stumbles throws: casts, patterns, references.
            return Optional.of(EndpointFailure.shortened(String.valueOf(wrong.getMessage())));
        }
    }

    /** What is wrong with the value, in one line; empty when it is valid. */
    static Optional<String> flaw(JsonNode schema, JsonNode value) {
        List<Error> errors = compiled(schema).validate(value);
        if (errors.isEmpty()) return Optional.empty();
        return Optional.of(
                errors.stream().limit(FLAWS_MAX).map(AnswerSchema::line).collect(Collectors.joining("; ")));
    }

    /** Names the place and the rule. The value is left out, because it may hold what a log must not. */
    private static String line(Error error) {
        String at = error.getInstanceLocation().toString();
        return (at.isEmpty() ? "/" : at) + " breaks \"" + error.getKeyword() + "\"";
    }

    private static Schema compiled(JsonNode schema) {
        Schema known = COMPILED.get(schema);
        if (known != null) return known;
        JsonNode copy = schema.deepCopy();
        Schema compiled = REGISTRY.getSchema(copy);
        COMPILED.put(copy, compiled);
        return compiled;
    }

    /** Least recently used first. */
    private static final class Recent extends LinkedHashMap<JsonNode, Schema> {
        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<JsonNode, Schema> eldest) {
            return size() > COMPILED_MAX;
        }
    }
}

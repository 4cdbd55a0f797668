package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** What to call that which the DSL's schema expects: by the title of the subschema, else by its type. */
final class Expected {
    private static final String NAME = "a name of 1 to 63 letters, digits and '-', with a letter or digit at both ends";
    private static final String URI = "a URI such as https://example.com/items";

    private static final Map<String, String> BY_TITLE = Map.ofEntries(
            Map.entry("WorkflowDSL", "a version of the DSL as text, such as '1.0.1'"),
            Map.entry("WorkflowVersion", "a semantic version as text, such as '1.0.0'"),
            Map.entry("WorkflowName", NAME),
            Map.entry("WorkflowNamespace", NAME),
            Map.entry("RuntimeExpression", "an expression ${ … }"),
            Map.entry("DurationInline", "an object such as { minutes: 5 }"),
            Map.entry("DurationLiteral", "an ISO 8601 duration such as PT5M"),
            Map.entry("LiteralUri", URI),
            Map.entry("LiteralUriTemplate", URI),
            Map.entry("LiteralErrorInstance", "a JSON pointer such as /do/0/step"),
            Map.entry("LiteralTime", "a time such as 2026-01-31T12:00:00Z"),
            Map.entry("WithGRPCServiceHost", "a host name"),
            Map.entry("TaskList", "a list of tasks"));

    private static final Map<String, String> BY_TYPE = Map.of(
            "object", "an object",
            "array", "a list",
            "string", "a text",
            "integer", "a whole number",
            "number", "a number",
            "boolean", "true or false",
            "null", "null");

    private Expected() {}

    static String by(JsonNode schema) {
        String title = BY_TITLE.get(schema.path("title").asText());
        if (title != null) return title;
        String type = BY_TYPE.get(schema.path("type").asText());
        return type != null ? type : "as the DSL wants it";
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns a document that matches the DSL's schema into nodes. Used once; what it cannot compile goes to the findings.
 */
final class Compiler {
    private final Parts parts;
    private final JsonNode document;

    Compiler(JsonNode document, Findings findings, Function<String, Optional<JsonNode>> catalog) {
        this.parts = new Parts(document, findings, catalog);
        this.document = document;
    }

    Definition compile(String source, String revision) {
        var steps = new StepCompiler(parts);
        Map<String, Node> nodes = steps.compile();
        JsonNode about = document.path("document");
        JsonNode metadata = about.path("metadata");
        Node.Data data = data();
        checkRetention(metadata);
        return new Definition(
                about.path("namespace").asText(),
                about.path("name").asText(),
                about.path("version").asText(),
                revision,
                source,
                document,
                nodes,
                data,
                parts.timeout(document, ""),
                new ScheduleCompiler(parts, document).compile(data.inputSchema()),
                parts.secrets(),
                parts.expression(metadata, "runTitle", "/document/metadata"),
                parts.expressions(metadata.path("searchAttributes"), "/document/metadata/searchAttributes"),
                QueueTerms.read(metadata.path("queue"), parts, "/document/metadata/queue"),
                Budget.read(metadata.path("budget"), parts, "/document/metadata/budget"));
    }

    private void checkRetention(JsonNode metadata) {
        try {
            KeepTimes.of(metadata.path("retention"));
        } catch (ProblemException e) {
            parts.findings.add("/document/metadata/retention", e.problem().detail());
        }
    }

    private Node.Data data() {
        JsonNode input = document.path("input");
        JsonNode output = document.path("output");
        return new Node.Data(
                parts.schema(input, "/input"),
                parts.expression(input, "from", "/input"),
                parts.expression(output, "as", "/output"),
                parts.schema(output, "/output"),
                Optional.empty(),
                Optional.empty());
    }
}

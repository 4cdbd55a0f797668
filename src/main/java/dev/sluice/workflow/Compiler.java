package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
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
        return new Definition(
                about.path("namespace").asText(),
                about.path("name").asText(),
                about.path("version").asText(),
                revision,
                source,
                document,
                nodes,
                data(),
                parts.timeout(document, ""),
                schedule(),
                parts.secrets(),
                parts.expression(metadata, "runTitle", "/document/metadata"),
                parts.expressions(metadata.path("searchAttributes"), "/document/metadata/searchAttributes"));
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

    private Optional<Schedule> schedule() {
        JsonNode schedule = document.path("schedule");
        if (schedule.isMissingNode()) return Optional.empty();
        Optional<Consumption> on = schedule.has("on")
                ? Optional.of(new EventCompiler(parts).consumption(schedule.get("on"), "/schedule/on"))
                : Optional.empty();
        return Optional.of(new Schedule(
                constant(schedule, "every"),
                Optional.ofNullable(schedule.path("cron").textValue()),
                constant(schedule, "after"),
                on));
    }

    private Optional<Duration> constant(JsonNode schedule, String member) {
        return parts.duration(schedule, member, "/schedule").flatMap(template -> {
            JsonNode value = template instanceof Template.Constant c ? c.value() : MissingNode.getInstance();
            if (value.isMissingNode()) {
                parts.findings.add("/schedule/" + member, "a schedule has no run whose data an expression could read");
                return Optional.empty();
            }
            try {
                return Optional.of(Durations.of(value));
            } catch (ProblemException e) {
                return Optional.empty();
            }
        });
    }
}

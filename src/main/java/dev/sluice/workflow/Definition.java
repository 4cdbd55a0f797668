package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A workflow document, compiled.
 *
 * @param namespace {@code document.namespace}
 * @param name {@code document.name}
 * @param version {@code document.version}
 * @param revision first 16 hex digits of the SHA-256 of {@code source}
 * @param source the document as it was deployed, YAML or JSON
 * @param document the same as a tree
 * @param nodes every step by its JSON pointer; the workflow's own {@code do} is {@code /do}
 * @param data the workflow's own input and output
 * @param timeout the workflow's {@code timeout.after}
 * @param secrets {@code use.secrets}
 * @param runTitle {@code document.metadata.runTitle}: what a person calls a run, from its input
 * @param attributes {@code document.metadata.searchAttributes}: what runs are found by, from their input
 * @param queue {@code document.metadata.queue}: how its runs are queued
 * @param budget {@code document.metadata.budget}: what its calls of models may cost
 */
public record Definition(
        String namespace,
        String name,
        String version,
        String revision,
        String source,
        JsonNode document,
        Map<String, Node> nodes,
        Node.Data data,
        Optional<Template> timeout,
        Optional<Schedule> schedule,
        Set<String> secrets,
        Optional<Template> runTitle,
        Map<String, Template> attributes,
        QueueTerms queue,
        Budget budget) {

    public static final String ROOT = "/do";

    public Node.Sequence root() {
        return (Node.Sequence) nodes.get(ROOT);
    }

    /** {@code namespace.name}: neither part may hold a dot. */
    public String qualifiedName() {
        return namespace + "." + name;
    }

    /** Event types that start a run by themselves: {@code schedule.on} with {@code one} or {@code any}. */
    public List<String> triggers() {
        return schedule.flatMap(Schedule::on)
                .map(on -> on.filters().stream().map(EventFilter::type).toList())
                .orElse(List.of());
    }

    /** How long runs are kept after their end. */
    public KeepTimes keepTimes() {
        return KeepTimes.of(this);
    }

    /** @throws ProblemException SL2011 when {@code input} does not match {@code input.schema}; names every mismatch */
    public void checkInput(JsonNode input) {
        List<String> mismatches =
                data.inputSchema().map(schema -> schema.check(input)).orElse(List.of());
        if (mismatches.isEmpty()) return;
        throw Problem.of(
                        Code.SL2011,
                        "the input does not match the schema of workflow '" + name + "': "
                                + String.join("; ", mismatches))
                .asException();
    }

    /** Names of all functions that a step calls. */
    public Set<String> functions() {
        var names = new TreeSet<String>();
        for (Node node : nodes.values()) {
            if (node instanceof Node.Call call) names.add(call.function());
        }
        return names;
    }
}

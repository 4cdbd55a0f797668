package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A workflow document, compiled.
 *
 * @param namespace {@code document.namespace}
 * @param name {@code document.name}; unique within the namespace
 * @param version {@code document.version}
 * @param revision first 16 hex digits of the SHA-256 of {@code source}
 * @param source the document as it was deployed, YAML or JSON
 * @param document the same as a tree
 * @param triggers event types that start a run ({@code schedule.on})
 * @param nodes every step by its JSON pointer; the workflow's own {@code do} is {@code /do}
 * @param runTitle {@code document.metadata.runTitle}: what a person calls a run, from its input
 */
public record Definition(
        String namespace,
        String name,
        String version,
        String revision,
        String source,
        JsonNode document,
        List<String> triggers,
        Map<String, Node> nodes,
        Optional<Template> inputFrom,
        Optional<InputSchema> inputSchema,
        Optional<Template> outputAs,
        Optional<Template> runTitle) {

    public static final String ROOT = "/do";

    public Node.Sequence root() {
        return (Node.Sequence) nodes.get(ROOT);
    }

    /** @throws ProblemException SL2011 when {@code input} does not match {@code input.schema}; names every mismatch */
    public void checkInput(JsonNode input) {
        List<String> mismatches = inputSchema.map(schema -> schema.check(input)).orElse(List.of());
        if (mismatches.isEmpty()) return;
        throw Problem.of(
                        Code.SL2011,
                        "the input does not match the schema of workflow '" + name + "': "
                                + String.join("; ", mismatches))
                .asException();
    }

    /** {@code namespace.name}; neither has a dot in it. */
    public String qualifiedName() {
        return namespace + "." + name;
    }

    /** Names of all functions that a step calls. */
    public Set<String> functions() {
        var names = new java.util.TreeSet<String>();
        for (Node node : nodes.values()) {
            if (node instanceof Node.Call call) names.add(call.function());
        }
        return names;
    }
}

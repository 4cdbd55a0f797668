package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An OpenAPI document that was read.
 *
 * @param root the whole document
 * @param address where it was found in the end; servers may be relative to it
 * @param swagger2 true for Swagger 2.0, false for OpenAPI 3
 */
record ApiDocument(JsonNode root, URI address, boolean swagger2) {
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    /** References that lead to references: two or three in practice; the bound ends a circle. */
    private static final int REFERENCES_MAX = 20;

    /**
     * @param path as in the document, with templates
     * @param item the path's own object, for what its operations share
     * @param tree the operation's object
     * @param parameters references followed, those of the path included unless the operation has its own
     */
    record Operation(String id, String method, String path, JsonNode item, JsonNode tree, List<JsonNode> parameters) {}

    /** @throws dev.sluice.workflow.ProblemException SL4018 when it is neither Swagger 2.0 nor OpenAPI 3 */
    static ApiDocument of(JsonNode root, URI address) {
        if (root != null && root.path("swagger").asText().startsWith("2.")) return new ApiDocument(root, address, true);
        if (root != null && root.path("openapi").asText().startsWith("3."))
            return new ApiDocument(root, address, false);
        throw CallFailure.document("it says neither \"swagger\": \"2.0\" nor \"openapi\": \"3…\"");
    }

    /** @throws dev.sluice.workflow.ProblemException SL4018 when there is none of that id */
    Operation operation(String id) {
        var others = new ArrayList<String>();
        for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
            JsonNode item = resolve(path.getValue());
            for (Map.Entry<String, JsonNode> member : item.properties()) {
                if (!METHODS.contains(member.getKey().toLowerCase(Locale.ROOT))) continue;
                String found = member.getValue().path("operationId").asText();
                if (found.equals(id)) {
                    JsonNode tree = member.getValue();
                    return new Operation(id, member.getKey(), path.getKey(), item, tree, parameters(item, tree));
                }
                if (!found.isEmpty()) others.add(found);
            }
        }
        // Twenty names help to find a typing error; hundreds do not.
        String known = String.join(", ", others.subList(0, Math.min(20, others.size())));
        throw CallFailure.document("it has no operation '" + id + "'"
                + (others.isEmpty() ? "" : "; there are " + known + (others.size() > 20 ? ", …" : "")));
    }

    /** A parameter is told from others by its name and place. */
    private List<JsonNode> parameters(JsonNode item, JsonNode operation) {
        var parameters = new LinkedHashMap<String, JsonNode>();
        for (JsonNode shared : List.of(item, operation)) {
            for (JsonNode parameter : shared.path("parameters")) {
                JsonNode resolved = resolve(parameter);
                parameters.put(
                        resolved.path("in").asText() + " "
                                + resolved.path("name").asText(),
                        resolved);
            }
        }
        return List.copyOf(parameters.values());
    }

    /**
     * What a {@code $ref} stands for; any other node is given back.
     *
     * @throws dev.sluice.workflow.ProblemException SL4018 when it leads nowhere, in a circle, or to another document
     */
    JsonNode resolve(JsonNode node) {
        JsonNode at = node;
        for (int i = 0; i < REFERENCES_MAX; i++) {
            if (!at.path("$ref").isTextual()) return at;
            String reference = at.path("$ref").asText();
            at = target(reference)
                    .orElseThrow(() -> CallFailure.document("its reference '" + reference
                            + "' leads nowhere; only those within the document are followed"));
        }
        throw CallFailure.document(
                "its references run in a circle at " + node.path("$ref").asText());
    }

    private Optional<JsonNode> target(String reference) {
        if (!reference.startsWith("#/")) return Optional.empty();
        JsonNode at = root;
        for (String part : reference.substring(2).split("/", -1)) {
            String name = part.replace("~1", "/")
                    .replace("~0", "~")
                    .replace("%7B", "{")
                    .replace("%7D", "}");
            at = at.isArray() && name.matches("\\d{1,6}") ? at.path(Integer.parseInt(name)) : at.path(name);
        }
        return at instanceof MissingNode ? Optional.empty() : Optional.of(at);
    }
}

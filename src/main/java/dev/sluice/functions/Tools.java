package dev.sluice.functions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.inference.Tool;
import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the tools that a step declares: functions, operations of an OpenAPI document, and OpenAI's own form. */
@Singleton
class Tools {
    /** 128: as many as OpenAI takes. */
    private static final int TOOLS_MAX = 128;

    /** 1,024 characters: as many as OpenAI takes; some documents hold whole manuals. */
    private static final int DESCRIPTION_CHARACTERS_MAX = 1_024;

    private static final int NAME_CHARACTERS_MAX = 64;

    private static final Set<String> OF_FUNCTION = Set.of("function", "name", "description", "parameters", "strict");
    private static final Set<String> OF_OPENAPI = Set.of("openapi", "name", "description");

    private final ApiDocuments documents;

    @Inject
    Tools(ApiDocuments documents) {
        this.documents = documents;
    }

    /**
     * Of the member {@code tools}. Blocks while OpenAPI documents are fetched.
     *
     * @throws ProblemException SL4008 when one cannot be a tool, or two have the same name; those of
     *     {@link ApiDocuments}
     */
    List<Tool> read(StepInput input) {
        var tools = new ArrayList<Tool>();
        Set<String> names = new HashSet<>();
        for (StepInput declared : input.objects("tools", TOOLS_MAX)) {
            Tool tool = tool(declared);
            tool.mistake().ifPresent(why -> {
                throw declared.refused("as a tool, '" + tool.name() + "' will not do: " + why);
            });
            if (!names.add(tool.name())) throw declared.refused("there is a tool '" + tool.name() + "' before it");
            tools.add(tool);
        }
        return tools;
    }

    private Tool tool(StepInput declared) {
        JsonNode function = declared.object().path("function");
        if (declared.object().path("openapi").isObject()) return ofOperation(declared);
        if (function.isTextual()) {
            declared.allow(OF_FUNCTION);
            String name = declared.text("name", sanitized(declared.text("function")));
            return ofFunction(declared, name);
        }
        if (function.isObject()) {
            StepInput own = declared.object("function");
            return ofFunction(own, own.text("name"));
        }
        throw declared.refused("a tool has a 'function' (its name, or OpenAI's own form) or an 'openapi' with"
                + " 'document' and 'operationId'");
    }

    private static Tool ofFunction(StepInput declared, String name) {
        ObjectNode none = JsonNodeFactory.instance.objectNode().put("type", "object");
        none.putObject("properties");
        JsonNode parameters =
                declared.has("parameters") ? declared.object("parameters").object() : none;
        return new Tool(name, declared.text("description", ""), parameters, declared.flag("strict", false));
    }

    private Tool ofOperation(StepInput declared) {
        declared.allow(OF_OPENAPI);
        StepInput openApi = declared.object("openapi");
        openApi.allow(Set.of("document", "operationId"));
        ApiDocument document = document(openApi);
        ApiDocument.Operation operation = document.operation(openApi.text("operationId"));
        return new Tool(
                declared.text("name", sanitized(operation.id())),
                declared.text("description", described(operation)),
                ToolSchema.of(document, operation),
                false);
    }

    /** The DSL's {@code {"endpoint": uri or {"uri", "authentication"?}}}, or just the address. */
    private ApiDocument document(StepInput openApi) {
        JsonNode given = openApi.object().path("document");
        if (given.isTextual()) return documents.get(given.textValue(), Authentication.NONE);
        StepInput document = openApi.object("document");
        if (document.object().path("endpoint").isTextual()) {
            return documents.get(document.text("endpoint"), Authentication.NONE);
        }
        StepInput endpoint = document.object("endpoint");
        return documents.get(endpoint.text("uri"), CallRequest.authentication(endpoint));
    }

    private static String described(ApiDocument.Operation operation) {
        String summary = operation.tree().path("summary").asText("").strip();
        String more = operation.tree().path("description").asText("").strip();
        String all = summary.isEmpty() || more.startsWith(summary) ? more : summary + "\n" + more;
        if (all.isBlank()) return operation.method().toUpperCase(java.util.Locale.ROOT) + " " + operation.path();
        if (all.length() <= DESCRIPTION_CHARACTERS_MAX) return all.strip();
        return all.substring(0, DESCRIPTION_CHARACTERS_MAX - 1) + "…";
    }

    /** Names of functions and operations may have dots and more in them, those of tools not. */
    private static String sanitized(String name) {
        String sanitized = name.replaceAll("[^A-Za-z0-9_-]", "_");
        return sanitized.substring(0, Math.min(NAME_CHARACTERS_MAX, sanitized.length()));
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.Versions;

/** The variables that the DSL gives to expressions: {@code $context $input $output $task $workflow $runtime}. */
public final class Scopes {
    static final Version VERSION = Versions.JQ_1_7;

    private static final Scope BUILTINS = builtins();

    private static final ObjectNode RUNTIME =
            JsonNodeFactory.instance.objectNode().put("name", "sluice").put("version", "0.1.0");

    private final Scope scope;

    private Scopes(Scope scope) {
        this.scope = scope;
    }

    /** The workflow's own: {@code $workflow}, {@code $context} and {@code $runtime}. */
    static Scopes of(Run run, Definition definition) {
        Scope scope = Scope.newChildScope(BUILTINS);
        ObjectNode workflow = JsonNodeFactory.instance.objectNode();
        workflow.put("id", run.id());
        workflow.set("definition", definition.document());
        workflow.set("input", run.input());
        workflow.putObject("startedAt").put("iso8601", run.acceptedAt().toString());
        scope.setValue("workflow", workflow);
        scope.setValue("runtime", RUNTIME);
        for (String absent : new String[] {"context", "input", "output", "task", "secrets", "authorization"}) {
            scope.setValue(absent, NullNode.instance);
        }
        return new Scopes(scope);
    }

    Scopes with(String name, JsonNode value) {
        Scope child = Scope.newChildScope(scope);
        child.setValue(name, value);
        return new Scopes(child);
    }

    Scope scope() {
        return scope;
    }

    private static Scope builtins() {
        Scope scope = Scope.newEmptyScope();
        BuiltinFunctionLoader.getInstance().loadFunctions(VERSION, scope);
        // An expression must not read the process's environment: it holds keys.
        scope.addFunction(
                "env",
                0,
                (s, args, in, path, output, version) -> output.emit(JsonNodeFactory.instance.objectNode(), null));
        return scope;
    }
}

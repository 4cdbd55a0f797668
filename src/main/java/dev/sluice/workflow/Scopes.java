package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Set;
import java.util.function.Supplier;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;

/**
 * The variables of expressions, {@code $context $input $output $task $workflow $runtime $secrets $authorization} and
 * those of loops and {@code catch}. Each is read only when an expression names it.
 */
public final class Scopes {
    static final Version VERSION = Versions.JQ_1_7;

    /** 1,000,000 numbers of {@code range} in one expression: one that never ends would hold its partition for ever. */
    private static final int RANGE_MAX = 1_000_000;

    /** What the specification names: null where an expression has it not, such as {@code $item} outside a loop. */
    private static final Set<String> NAMED = Set.of(
            "context",
            "input",
            "output",
            "secrets",
            "authorization",
            "task",
            "workflow",
            "runtime",
            "item",
            "index",
            "error");

    private static final Scope BUILTINS = builtins();

    private static final ObjectNode RUNTIME = runtime();

    private final Scopes parent;
    private final String name;
    private final Supplier<JsonNode> value;
    private final Instant at;

    private Scopes(Scopes parent, String name, Supplier<JsonNode> value, Instant at) {
        this.parent = parent;
        this.name = name;
        this.value = value;
        this.at = at;
    }

    /** Has {@code $runtime} only. @param at what {@code now} gives: the same whenever the event is taken in again */
    public static Scopes at(Instant at) {
        return new Scopes(null, "runtime", () -> RUNTIME, at);
    }

    Scopes with(String variable, Supplier<JsonNode> source) {
        return new Scopes(this, variable, source, at);
    }

    Scopes with(String variable, JsonNode node) {
        return with(variable, () -> node);
    }

    Scopes with(String variable, Value known) {
        return with(variable, known::tree);
    }

    /** @param mentioned names of the variables and functions in the expression */
    Scope scope(Set<String> mentioned) {
        Scope scope = Scope.newChildScope(BUILTINS);
        for (String variable : mentioned) {
            Supplier<JsonNode> source = find(variable);
            if (source != null) scope.setValue(variable, source.get());
            // jq itself refuses any other name: a misspelt one must not count as null.
            else if (NAMED.contains(variable)) scope.setValue(variable, NullNode.instance);
        }
        boundRange(scope);
        scope.addFunction(
                "now",
                0,
                (s, args, in, path, output, version) ->
                        output.emit(JsonNodeFactory.instance.numberNode(at.toEpochMilli() / 1000.0), null));
        return scope;
    }

    private Supplier<JsonNode> find(String variable) {
        for (Scopes each = this; each != null; each = each.parent) {
            if (each.name.equals(variable)) return each.value;
        }
        return null;
    }

    private static void boundRange(Scope scope) {
        var given = new int[1];
        for (int arguments = 1; arguments <= 3; arguments++) {
            var range = BUILTINS.getFunction("range", arguments);
            if (range == null) continue;
            scope.addFunction(
                    "range",
                    arguments,
                    (s, args, in, path, output, version) -> range.apply(
                            s,
                            args,
                            in,
                            path,
                            (number, where) -> {
                                if (++given[0] > RANGE_MAX) {
                                    throw new JsonQueryException("range gives more than " + RANGE_MAX + " numbers");
                                }
                                output.emit(number, where);
                            },
                            version));
        }
    }

    private static Scope builtins() {
        Scope scope = Scope.newEmptyScope();
        BuiltinFunctionLoader.getInstance().loadFunctions(VERSION, scope);
        // An expression must not read the process's environment: it holds keys.
        scope.addFunction(
                "env",
                0,
                (s, args, in, path, output, version) -> output.emit(JsonNodeFactory.instance.objectNode(), null));
        scope.setValue("ENV", JsonNodeFactory.instance.objectNode());
        return scope;
    }

    private static ObjectNode runtime() {
        ObjectNode runtime =
                JsonNodeFactory.instance.objectNode().put("name", "sluice").put("version", "0.1.0");
        runtime.putObject("metadata");
        return runtime;
    }

    /** {@code {"iso8601", "epoch": {"seconds", "milliseconds"}}}. */
    static ObjectNode time(Instant at) {
        ObjectNode time = JsonNodeFactory.instance.objectNode().put("iso8601", at.toString());
        time.putObject("epoch").put("seconds", at.getEpochSecond()).put("milliseconds", at.toEpochMilli());
        return time;
    }
}

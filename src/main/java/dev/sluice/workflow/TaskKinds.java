package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Mistake.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Which of the kinds of task one is meant to be: its keyword says so, whatever else is wrong with it. */
final class TaskKinds {
    /** Newer than the schema, to which it is a function of that name. */
    private static final String MCP = "mcp";

    private final SchemaWalk walk;

    /** Keyword to schema. */
    private final Map<String, JsonNode> kinds = new LinkedHashMap<>();

    /** @param task the schema {@code #/$defs/task}, whose alternatives are named after the keywords */
    TaskKinds(JsonNode task, SchemaWalk walk) {
        this.walk = walk;
        for (JsonNode alternative : task.path("oneOf")) {
            String name = alternative.path("$ref").asText();
            kinds.put(name.substring(name.lastIndexOf('/') + 1).replaceAll("Task$", ""), alternative);
        }
    }

    Verdict check(JsonNode value, Trail at) {
        var verdict = new Verdict().open();
        if (!value.isObject()) return verdict.add(Mistake.expected(at, Kind.TYPE, value, "a task, which is an object"));
        List<String> named = new ArrayList<>(kinds.keySet());
        named.removeIf(kind -> !value.has(kind));
        if (named.contains("for")) named.remove("do");
        if (named.isEmpty()) return none(value, at);
        if (named.size() > 1) {
            String message = "has several kinds, " + String.join(" and ", named) + "; a task has one";
            verdict.add(Mistake.of(at, Kind.OTHER, message));
        }
        JsonNode own = value;
        if (named.size() > 1) own = ((ObjectNode) value).deepCopy().without(named.subList(1, named.size()));
        if (MCP.equals(own.path("call").textValue())) {
            return verdict.add(
                    Mistake.of(at.to("call"), Kind.UNSUPPORTED, "is not supported yet by this version of Sluice"));
        }
        return verdict.take(walk.check(kinds.get(named.getFirst()), own, at));
    }

    private Verdict none(JsonNode value, Trail at) {
        var every = new Verdict();
        kinds.values().forEach(kind -> every.know(walk.check(kind, JsonNodeFactory.instance.objectNode(), at)));
        every.add(new Mistake(
                at,
                Kind.MISSING,
                null,
                "has no kind: one of " + String.join(", ", new TreeSet<>(kinds.keySet())) + " is needed",
                List.copyOf(kinds.keySet())));
        return Members.refuseUnknown(every, value, at);
    }
}

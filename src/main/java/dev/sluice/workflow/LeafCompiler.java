package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;

/** Compiles the kinds of steps that hold no others: set, raise, wait, emit, run. */
final class LeafCompiler {
    private final Parts parts;

    LeafCompiler(Parts parts) {
        this.parts = parts;
    }

    Node compile(Node.Header header, JsonNode step, String pointer) {
        if (step.has("set")) return new Node.Set(header, set(step.get("set"), pointer + "/set"));
        if (step.has("raise")) return new Node.Raise(header, error(step.at("/raise/error"), pointer + "/raise/error"));
        if (step.has("wait")) {
            return new Node.Wait(header, parts.duration(step, "wait", pointer).orElseThrow());
        }
        if (step.has("emit")) {
            return new Node.Emit(header, parts.template(step.at("/emit/event/with"), pointer + "/emit/event/with"));
        }
        return run(header, step, pointer);
    }

    private Template set(JsonNode value, String pointer) {
        return value.isTextual() ? parts.expression(value.textValue(), pointer) : parts.template(value, pointer);
    }

    private Template error(JsonNode error, String pointer) {
        if (!error.isTextual()) return parts.template(error, pointer);
        String name = error.textValue();
        return parts.used("errors", name, pointer)
                .map(found -> parts.template(found, "/use/errors/" + Pointers.escape(name)))
                .orElse(new Template.Constant(JsonNodeFactory.instance.objectNode()));
    }

    private Node run(Node.Header header, JsonNode step, String pointer) {
        JsonNode run = step.path("run");
        JsonNode workflow = run.path("workflow");
        if (workflow.isMissingNode()) {
            String kind = java.util.stream.Stream.of("container", "script", "shell")
                    .filter(run::has)
                    .findFirst()
                    .orElse("");
            parts.findings.unsupported(
                    pointer, "run: " + kind + " is not supported yet; put the work into a function and call it");
            return new Node.Set(header, parts.expression(".", pointer));
        }
        String place = pointer + "/run/workflow";
        return new Node.RunWorkflow(
                header,
                workflow.path("namespace").asText(),
                workflow.path("name").asText(),
                workflow.path("version").asText("latest"),
                parts.optional(workflow, "input", place),
                run.path("await").asBoolean(true),
                closePolicy(step, pointer));
    }

    private Effect.ClosePolicy closePolicy(JsonNode step, String pointer) {
        String word = step.path("metadata").path("closePolicy").asText("cancel");
        Optional<Effect.ClosePolicy> policy = java.util.Arrays.stream(Effect.ClosePolicy.values())
                .filter(each -> each.name().equalsIgnoreCase(word))
                .findFirst();
        if (policy.isEmpty()) {
            parts.findings.add(
                    pointer + "/metadata/closePolicy", "must be cancel, kill or abandon, was '" + word + "'");
        }
        return policy.orElse(Effect.ClosePolicy.CANCEL);
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.workflow.StepState.Open;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Which variables an expression sees, by the step that it stands in. */
final class Scoping {
    private final Work work;

    Scoping(Work work) {
        this.work = work;
    }

    /** The workflow's own: {@code $workflow}, {@code $context}, {@code $secrets} and {@code $runtime}. */
    Scopes workflow() {
        return Scopes.at(work.at)
                .with("workflow", this::describeWorkflow)
                .with("context", () -> work.context.tree())
                .with("secrets", this::secrets);
    }

    /** Those of a step: the workflow's, {@code $input}, {@code $task}, and what the steps around it have set. */
    Scopes of(Visit visit) {
        Scopes scopes = outside(visit.parent());
        return scopes.with("input", visit.input())
                .with("task", () -> describeTask(visit, null))
                .with("authorization", () -> authorization(visit));
    }

    /** Those of a step that has finished: {@code $task} knows its raw output, too. */
    Scopes after(Visit visit, JsonNode rawOutput) {
        return of(visit).with("task", () -> describeTask(visit, rawOutput));
    }

    /** @param key of the enclosing visit */
    private Scopes outside(String key) {
        if (key.isEmpty()) return workflow();
        Open holder = work.open(key);
        return variables(outside(holder.visit().parent()), holder);
    }

    /** What a step sets for those inside it. */
    Scopes variables(Scopes scopes, Open holder) {
        Node node = work.node(holder);
        if (holder instanceof StepState.InFor round && node instanceof Node.For loop) {
            return scopes.with(loop.each(), round::item)
                    .with(loop.at(), () -> JsonNodeFactory.instance.numberNode(round.index()));
        }
        if (holder instanceof StepState.Handling handling && node instanceof Node.Try attempt) {
            return scopes.with(attempt.caught().as(), handling.error());
        }
        if (holder instanceof StepState.Listening here && node instanceof Node.Listen listen) {
            return listen.foreach()
                    .map(each -> scopes.with(
                                    each.item(), () -> here.waiting().tree().path(0))
                            .with(
                                    each.at(),
                                    () -> JsonNodeFactory.instance.numberNode(
                                            here.outputs().tree().size())))
                    .orElse(scopes);
        }
        return scopes;
    }

    private JsonNode describeWorkflow() {
        ObjectNode workflow = JsonNodeFactory.instance.objectNode();
        workflow.put("id", work.before.id());
        workflow.set("definition", work.definition.document());
        workflow.set("input", work.before.input().tree());
        workflow.set("startedAt", Scopes.time(work.before.identity().acceptedAt()));
        return workflow;
    }

    private JsonNode describeTask(Visit visit, JsonNode output) {
        Node.Header header = work.definition.nodes().get(visit.pointer()).header();
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        Node described = work.definition.nodes().get(header.described());
        boolean extending = !header.described().isEmpty() && !header.described().equals(header.pointer());
        Node.Header about = extending && described != null ? described.header() : header;
        // An extension's condition names members of the extended step directly: $task.call, $task.with.
        if (about.source() != null) {
            about.source().properties().forEach(m -> task.set(m.getKey(), m.getValue()));
            task.set("definition", about.source());
        }
        task.put("name", about.name()).put("reference", about.pointer());
        task.set("input", visit.raw().tree());
        if (output == null) task.putNull("output");
        else task.set("output", output);
        task.set("startedAt", Scopes.time(visit.since()));
        return task;
    }

    private JsonNode secrets() {
        ObjectNode secrets = JsonNodeFactory.instance.objectNode();
        for (String name : work.definition.secrets()) {
            secrets.set(
                    name,
                    work.machine
                            .secrets()
                            .find(name)
                            .orElseThrow(() -> Problem.standard(
                                            StandardError.AUTHORIZATION,
                                            Code.SL4019,
                                            "the secret '" + name + "' is not there. An operator gives it by"
                                                    + " sluice.secrets." + name + " or as a file.")
                                    .asException()));
        }
        return secrets;
    }

    /** {@code {"scheme", "parameter"}} of the call's authentication; null without one. */
    private JsonNode authorization(Visit visit) {
        if (!(work.steps.get(visit.key()) instanceof StepState.Calling call))
            return JsonNodeFactory.instance.nullNode();
        JsonNode arguments = call.arguments().tree();
        JsonNode policy = arguments.at("/endpoint/authentication").isMissingNode()
                ? arguments.path("authentication")
                : arguments.at("/endpoint/authentication");
        ObjectNode authorization = JsonNodeFactory.instance.objectNode();
        if (policy.has("bearer")) {
            return authorization.put("scheme", "Bearer").set("parameter", policy.at("/bearer/token"));
        }
        if (policy.has("basic")) {
            String pair = policy.at("/basic/username").asText() + ":"
                    + policy.at("/basic/password").asText();
            String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
            return authorization.put("scheme", "Basic").set("parameter", TextNode.valueOf(encoded));
        }
        return JsonNodeFactory.instance.nullNode();
    }

    /** A step with a name of its own in the document; lists that belong to a step and extensions are not shown. */
    boolean isShown(Node node) {
        return !node.header().name().isEmpty() && !(node instanceof Node.Extension);
    }
}

package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/**
 * What is asked of one run or of many.
 *
 * @param reason of a cancellation; may be empty
 * @param step to go back to: key of a visit, or a pointer; empty where none is meant
 * @param input of that step, or of a run that begins anew; empty: as it was
 * @param revision to move to
 */
record Order(Action action, String reason, String step, Optional<JsonNode> input, String revision) {
    private static final Set<String> KNOWN = Set.of("reason", "step", "input", "revision");

    /** 1,000 characters: a reason is shown in lists. */
    private static final int REASON_CHARACTERS_MAX = 1_000;

    /** @throws dev.sluice.workflow.ProblemException SL2014 when a member is missing or of another kind */
    static Order of(Action action, JsonNode body) {
        var order = new Order(
                action,
                text(body, "reason"),
                text(body, "step"),
                Optional.ofNullable(body.get("input")),
                text(body, "revision"));
        if (order.reason.length() > REASON_CHARACTERS_MAX) {
            throw RunsResource.invalid("'reason' may have " + REASON_CHARACTERS_MAX + " characters");
        }
        if (action == Action.RESET && order.step.isEmpty()) {
            throw RunsResource.invalid("'step' is missing: a step to go back to, as {\"step\": \"/do/1/pay\"}");
        }
        if (action == Action.MOVE && order.revision.isEmpty()) {
            throw RunsResource.invalid("'revision' is missing: one that GET /v1/workflows/NAME/revisions lists");
        }
        return order;
    }

    /** @param body may be empty or missing */
    static Order read(Action action, byte[] body) {
        ObjectNode json = object(body);
        json.fieldNames().forEachRemaining(name -> {
            if (!KNOWN.contains(name)) throw RunsResource.invalid("'" + name + "' is not known; there are " + KNOWN);
        });
        return of(action, json);
    }

    static ObjectNode object(byte[] body) {
        if (body == null || body.length == 0) return JsonNodeFactory.instance.objectNode();
        if (Body.json(body) instanceof ObjectNode json) return json;
        throw RunsResource.invalid("the body must be a JSON object");
    }

    private static String text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) return "";
        if (!value.isTextual()) throw RunsResource.invalid("'" + name + "' must be a text");
        return value.textValue();
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * What a {@code listen} step with {@code metadata.approval} asks of a person.
 *
 * @param step key of the visit that waits for the answer
 * @param answerType the CloudEvent type that answers
 * @param deadline when the step's {@code timeout} ends
 * @param request what the author wrote under {@code metadata.approval}, evaluated
 */
public record Approval(
        String run, String workflow, String step, String answerType, Optional<Instant> deadline, JsonNode request) {
    /** Type of the event by which the rest of the world learns that a person is asked. */
    public static final String REQUESTED = "dev.sluice.approval.requested.v1";

    /** Type of the answer where the step takes any. */
    static final String ANSWERED = "dev.sluice.approval.answered.v1";

    /** The event that asks. Its id is the same whenever the same visit asks again. */
    ObjectNode event(Instant at) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("specversion", "1.0")
                .put("id", id(run, step))
                .put("source", source(run))
                .put("type", REQUESTED)
                .put("time", at.toString())
                .put("datacontenttype", "application/json");
        event.set("data", data());
        return event;
    }

    private static String id(String run, String step) {
        return run + ":" + step;
    }

    private static String source(String run) {
        return "/runs/" + run;
    }

    private ObjectNode data() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("run", run).put("workflow", workflow).put("step", step).put("answerType", answerType);
        deadline.ifPresent(at -> data.put("deadline", at.toString()));
        data.set("request", request);
        return data;
    }

    /**
     * Reads an event that {@code run} emitted. Empty when it is another one: also when an {@code emit} step wrote it so
     * that it looks like the request of another run.
     */
    public static Optional<Approval> of(String run, JsonNode event) {
        String step = event.path("data").path("step").asText();
        boolean asks = event.path("type").asText().equals(REQUESTED)
                && event.path("id").asText().equals(id(run, step))
                && event.path("source").asText().equals(source(run));
        return asks ? Optional.of(ofData(run, event.path("data"))) : Optional.empty();
    }

    private static Approval ofData(String run, JsonNode data) {
        return new Approval(
                run,
                data.path("workflow").asText(),
                data.path("step").asText(),
                data.path("answerType").asText(),
                data.has("deadline")
                        ? Optional.of(Instant.parse(data.get("deadline").asText()))
                        : Optional.empty(),
                data.path("request"));
    }
}

package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * What lists, the live feed and the page's header show of a run, without its payloads. Stored as the run's
 * {@code head}, and published on every change.
 *
 * @param failedStep JSON pointer; empty unless a step failed
 */
public record RunHead(
        String id,
        String workflow,
        String revision,
        String title,
        RunStatus status,
        Instant acceptedAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        String failedStep,
        Optional<Problem> problem,
        Usage usage,
        long version) {

    public static RunHead of(Run run) {
        Optional<Instant> started = Optional.empty();
        Optional<Instant> ended = Optional.empty();
        Optional<Problem> problem = Optional.empty();
        String failedStep = "";
        switch (run.state()) {
            case RunState.Accepted accepted -> {}
            case RunState.Running running -> started = Optional.of(running.startedAt());
            case RunState.Succeeded succeeded -> {
                started = Optional.of(succeeded.startedAt());
                ended = Optional.of(succeeded.endedAt());
            }
            case RunState.Failed failed -> {
                started = Optional.of(failed.startedAt());
                ended = Optional.of(failed.endedAt());
                problem = Optional.of(failed.problem());
                failedStep = failed.step();
            }
        }
        return new RunHead(
                run.id(),
                run.workflow(),
                run.revision(),
                run.title(),
                run.status(),
                run.acceptedAt(),
                started,
                ended,
                failedStep,
                problem,
                run.usage(),
                run.version());
    }

    String encode() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).put("workflow", workflow).put("revision", revision).put("title", title);
        json.put("status", status.word()).put("acceptedAt", acceptedAt.toEpochMilli());
        startedAt.ifPresent(at -> json.put("startedAt", at.toEpochMilli()));
        endedAt.ifPresent(at -> json.put("endedAt", at.toEpochMilli()));
        if (!failedStep.isEmpty()) json.put("failedStep", failedStep);
        problem.ifPresent(p -> json.set("problem", p.toJson()));
        EventCodec.usage(json, usage);
        json.put("version", version);
        return Json.text(json);
    }

    /** @throws IllegalStateException when {@code text} is not what {@link #encode} writes */
    public static RunHead decode(String text) {
        JsonNode json = Json.tree(text);
        return new RunHead(
                json.path("id").asText(),
                json.path("workflow").asText(),
                json.path("revision").asText(),
                json.path("title").asText(),
                RunStatus.of(json.path("status").asText()),
                Instant.ofEpochMilli(json.path("acceptedAt").asLong()),
                time(json.path("startedAt")),
                time(json.path("endedAt")),
                json.path("failedStep").asText(),
                json.has("problem") ? Optional.of(Problem.fromJson(json.get("problem"))) : Optional.empty(),
                EventCodec.usage(json.path("usage")),
                json.path("version").asLong());
    }

    private static Optional<Instant> time(JsonNode millis) {
        return millis.isNumber() ? Optional.of(Instant.ofEpochMilli(millis.asLong())) : Optional.empty();
    }
}

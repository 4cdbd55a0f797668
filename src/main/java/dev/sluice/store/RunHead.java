package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Keys;
import dev.sluice.queue.RedisLink;
import dev.sluice.queue.RunId;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.Service;
import dev.sluice.workflow.Usage;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What lists, the live feed and the page's header show of a run, without its payloads. Stored apart from them, in two
 * parts: one that stays, and one that every commit writes.
 *
 * @param phase the run's state, where {@code status} also tells whether it works or waits
 * @param endedAt of a paused run: since when it is
 * @param failedStep key of the visit; empty unless a step failed
 * @param reason of a cancellation, as the person gave it
 * @param attributes search attributes
 */
public record RunHead(
        Run.Identity identity,
        RunStatus status,
        Phase phase,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        String failedStep,
        Optional<Problem> problem,
        String reason,
        Map<String, String> attributes,
        int resets,
        Usage usage,
        long version) {

    /** Fields of a run's hash: what stays, what a commit writes, and how often one has. */
    static final String IDENTITY = "identity";

    static final String HEAD = "head";
    static final String VERSION = "version";

    /** Stored: a class may get another name, these may not. */
    public enum Phase {
        ACCEPTED,
        RUNNING,
        PAUSED,
        CANCELLING,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    /** What depends on the state alone. */
    private record Shown(
            Phase phase, Instant startedAt, Instant endedAt, String failedStep, Problem problem, String reason) {}

    public static RunHead of(Run run) {
        Shown shown = shown(run.state());
        return new RunHead(
                run.identity(),
                run.status(),
                shown.phase(),
                Optional.ofNullable(shown.startedAt()),
                Optional.ofNullable(shown.endedAt()),
                shown.failedStep(),
                Optional.ofNullable(shown.problem()),
                shown.reason(),
                run.attributes(),
                run.resets(),
                run.usage(),
                run.version());
    }

    private static Shown shown(RunState state) {
        return switch (state) {
            case RunState.Accepted s -> new Shown(Phase.ACCEPTED, null, null, "", null, "");
            case RunState.Running s -> new Shown(Phase.RUNNING, s.startedAt(), null, "", null, "");
            case RunState.Paused s -> new Shown(Phase.PAUSED, s.startedAt(), s.pausedAt(), "", null, "");
            case RunState.Cancelling s -> new Shown(Phase.CANCELLING, s.startedAt(), null, "", null, s.reason());
            case RunState.Succeeded s -> new Shown(Phase.SUCCEEDED, s.startedAt(), s.endedAt(), "", null, "");
            case RunState.Failed s -> new Shown(Phase.FAILED, s.startedAt(), s.endedAt(), s.step(), s.problem(), "");
            case RunState.Cancelled s ->
                new Shown(Phase.CANCELLED, s.startedAt().orElse(null), s.endedAt(), "", null, s.reason());
        };
    }

    public String id() {
        return identity.id();
    }

    public String workflow() {
        return identity.workflow();
    }

    public String revision() {
        return identity.revision();
    }

    public String title() {
        return identity.title();
    }

    public Instant acceptedAt() {
        return identity.acceptedAt();
    }

    /** What tells the run from others: written when it is accepted, and again when it moves to another revision. */
    static String encode(Run.Identity identity) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", identity.id())
                .put("namespace", identity.namespace())
                .put("workflow", identity.workflow())
                .put("revision", identity.revision())
                .put("acceptedAt", identity.acceptedAt().toEpochMilli());
        if (!identity.title().isEmpty()) json.put("title", identity.title());
        identity.parent()
                .ifPresent(p -> json.putObject("parent")
                        .put("run", p.run())
                        .put("step", p.step())
                        .put("attempt", p.attempt())
                        .put("await", p.await()));
        if (!identity.origin().isEmpty()) json.put("origin", identity.origin());
        service(json, identity.service());
        identity.startsAt().ifPresent(at -> json.put("startsAt", at.toEpochMilli()));
        return Json.text(json);
    }

    /** All but the identity and the version. */
    String encode() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("status", status.word()).put("phase", phase.name());
        startedAt.ifPresent(at -> json.put("startedAt", at.toEpochMilli()));
        endedAt.ifPresent(at -> json.put("endedAt", at.toEpochMilli()));
        if (!failedStep.isEmpty()) json.put("failedStep", failedStep);
        problem.ifPresent(p -> json.set("problem", p.toJson()));
        if (!reason.isEmpty()) json.put("reason", reason);
        if (!attributes.isEmpty()) attributes.forEach(json.putObject("attributes")::put);
        if (resets > 0) json.put("resets", resets);
        EventCodec.usage(json, usage);
        return Json.text(json);
    }

    private static void service(ObjectNode json, Service service) {
        if (!service.tenant().isEmpty()) json.put("tenant", service.tenant());
        if (service.priority() != Priority.NORMAL)
            json.put("priority", service.priority().word());
        if (service.limits().isEmpty()) return;
        ObjectNode limits = json.putObject("limits");
        service.limits().forEach(limit -> limits.put(limit.key(), limit.max()));
    }

    private static Service service(JsonNode json) {
        var limits = new ArrayList<Service.Limit>();
        json.path("limits")
                .properties()
                .forEach(m ->
                        limits.add(new Service.Limit(m.getKey(), m.getValue().asInt())));
        return new Service(
                json.path("tenant").asText(),
                Priority.of(json.path("priority").asText()).orElse(Priority.NORMAL),
                List.copyOf(limits));
    }

    /** Asks for what {@link #of(Response)} reads. */
    static Request request(String runId) {
        String key = Keys.run(RunId.partition(runId).orElseThrow(), runId);
        return RedisLink.request(Command.HMGET, key, IDENTITY, HEAD, VERSION);
    }

    /**
     * Empty when there is no such run.
     *
     * @throws IllegalStateException when the fields are not what a commit writes
     */
    static Optional<RunHead> of(Response fields) {
        if (fields.get(0) == null || fields.get(1) == null) return Optional.empty();
        return Optional.of(decode(
                fields.get(0).toString(),
                fields.get(1).toString(),
                fields.get(2).toLong()));
    }

    /** @throws IllegalStateException when the texts are not what {@link #encode} writes */
    static RunHead decode(String identity, String head, long version) {
        JsonNode json = Json.tree(head);
        var attributes = new TreeMap<String, String>();
        json.path("attributes")
                .properties()
                .forEach(m -> attributes.put(m.getKey(), m.getValue().asText()));
        return new RunHead(
                identity(Json.tree(identity)),
                RunStatus.of(json.path("status").asText()),
                Phase.valueOf(json.path("phase").asText()),
                time(json.path("startedAt")),
                time(json.path("endedAt")),
                json.path("failedStep").asText(),
                json.has("problem") ? Optional.of(Problem.fromJson(json.get("problem"))) : Optional.empty(),
                json.path("reason").asText(),
                attributes,
                json.path("resets").asInt(),
                EventCodec.usage(json),
                version);
    }

    private static Run.Identity identity(JsonNode json) {
        JsonNode parent = json.path("parent");
        return new Run.Identity(
                json.path("id").asText(),
                json.path("namespace").asText(),
                json.path("workflow").asText(),
                json.path("revision").asText(),
                json.path("title").asText(),
                Instant.ofEpochMilli(json.path("acceptedAt").asLong()),
                parent.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Run.Parent(
                                parent.path("run").asText(),
                                parent.path("step").asText(),
                                parent.path("attempt").asInt(),
                                parent.path("await").asBoolean())),
                json.path("origin").asText(),
                service(json),
                time(json.path("startsAt")));
    }

    private static Optional<Instant> time(JsonNode millis) {
        return millis.isNumber() ? Optional.of(Instant.ofEpochMilli(millis.asLong())) : Optional.empty();
    }
}

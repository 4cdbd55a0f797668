package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Burial;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Node;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Visit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What was given up on, with its reason. A run that has failed has one, under its own id; not so a run that another one
 * waits for, because that one gets the failure. An entry of a stream that cannot be processed has one, too.
 *
 * @param run empty for an entry that names none
 * @param workflow with {@code namespace} and {@code revision} those of the run; all empty for an entry
 * @param function that the step calls, or whose lane the entry was in; empty: none
 * @param step key of the visit; empty when the run as a whole was at fault, and for an entry
 * @param attempts of the step; 0 for an entry, and without a step
 * @param firstAt when the first attempt was asked for; for an entry the same as {@code at}
 * @param at when it was given up, in ms
 * @param stream key of the stream that the entry was in; empty: it is no entry
 * @param fields of the entry: name, value, name, value, …
 */
public record DeadLetter(
        String id,
        Kind kind,
        String run,
        String namespace,
        String workflow,
        String revision,
        String tenant,
        Priority priority,
        String function,
        String step,
        int attempts,
        Problem problem,
        Instant firstAt,
        Instant at,
        String stream,
        List<String> fields) {

    /** The words are stored. */
    public enum Kind {
        /** A run failed, with a step or as a whole. */
        STEP,
        /** A run failed because an attempt was with one dispatcher after the other when they were lost. */
        POISON,
        /** An entry of a stream that cannot be processed. */
        ENTRY;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Empty when it is none. */
        public static Optional<Kind> of(String word) {
            return List.of(values()).stream()
                    .filter(kind -> kind.word().equals(word))
                    .findFirst();
        }
    }

    /** Whether the run has failed in this transition, and nobody else gets the failure. */
    public static boolean isDue(Run before, Run after) {
        if (!(after.state() instanceof RunState.Failed now)) return false;
        if (after.identity().parent().filter(Run.Parent::await).isPresent()) return false;
        return !(before.state() instanceof RunState.Failed then && then.equals(now));
    }

    /** @param before the transition, which tells how often a {@code try} began */
    public static DeadLetter of(Run before, Run failed, String function) {
        var state = (RunState.Failed) failed.state();
        Problem problem = state.problem();
        Effort effort = Effort.of(before, failed, state);
        return new DeadLetter(
                failed.id(),
                problem.code().equals(Code.SL4014.name()) ? Kind.POISON : Kind.STEP,
                failed.id(),
                failed.identity().namespace(),
                failed.workflow(),
                failed.revision(),
                failed.identity().service().tenant(),
                failed.identity().service().priority(),
                function,
                state.step(),
                effort.attempts(),
                problem,
                effort.firstAt(),
                state.endedAt(),
                "",
                List.of());
    }

    /** What was tried before the step was given up. */
    private record Effort(int attempts, Instant firstAt) {
        static Effort of(Run before, Run failed, RunState.Failed state) {
            if (state.step().isEmpty()) return new Effort(0, state.startedAt());
            if (failed.steps().get(state.step()) instanceof StepState.Calling call) {
                return new Effort(call.attempts().number(), call.attempts().firstAt());
            }
            if (before.steps().get(state.step()) instanceof StepState.Trying trying) {
                return new Effort(trying.attempt(), trying.startedAt());
            }
            boolean isOpen = failed.steps().get(state.step()) instanceof StepState.Open;
            return new Effort(
                    1,
                    isOpen
                            ? ((StepState.Open) failed.steps().get(state.step()))
                                    .visit()
                                    .since()
                            : state.startedAt());
        }
    }

    /** The function of the step that met the problem, or of the one that the run failed with; empty: none. */
    public static String function(Definition definition, Run failed) {
        if (!(failed.state() instanceof RunState.Failed state)) return "";
        for (String pointer :
                List.of(Visit.pointerOf(state.step()), state.problem().instance())) {
            if (definition.nodes().get(pointer) instanceof Node.Call call) return call.function();
        }
        return "";
    }

    /** Under what letters are counted and found as a code: one of Sluice's own, or the type that a function gave. */
    static String code(Problem problem) {
        return problem.code().isEmpty() ? problem.type() : problem.code();
    }

    public String qualifiedName() {
        return workflow.isEmpty() ? "" : namespace + "." + workflow;
    }

    /** What stands in Redis; {@code letters.lua} reads {@code at} and {@code facets} of it. */
    String encode() {
        ObjectNode json = Burial.record(at, facets());
        json.put("kind", kind.word())
                .put("namespace", namespace)
                .put("workflow", workflow)
                .put("revision", revision)
                .put("tenant", tenant)
                .put("priority", priority.word())
                .put("function", function)
                .put("step", step)
                .put("attempts", attempts)
                .put("firstAt", firstAt.toEpochMilli());
        json.set("problem", problem.toJson());
        return Json.text(json);
    }

    /** @throws IllegalStateException when {@code text} is not what {@link #encode} or {@link Burial} writes */
    static DeadLetter decode(String id, String text) {
        JsonNode json = Json.tree(text);
        var fields = new ArrayList<String>();
        json.path("fields").forEach(field -> fields.add(field.asText()));
        Kind kind = Kind.of(json.path("kind").asText())
                .orElseThrow(() -> new IllegalStateException("dead letter " + id + " is damaged"));
        Instant at = Instant.ofEpochMilli(json.path("at").asLong());
        return new DeadLetter(
                id,
                kind,
                kind == Kind.ENTRY ? value(fields, "run") : id,
                json.path("namespace").asText(),
                json.path("workflow").asText(),
                json.path("revision").asText(),
                json.path("tenant").asText(),
                Priority.of(json.path("priority").asText()).orElse(Priority.NORMAL),
                json.path("function").asText(),
                json.path("step").asText(),
                json.path("attempts").asInt(),
                Problem.fromJson(json.path("problem")),
                json.has("firstAt") ? Instant.ofEpochMilli(json.get("firstAt").asLong()) : at,
                at,
                json.path("stream").asText(),
                List.copyOf(fields));
    }

    private static String value(List<String> fields, String name) {
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            if (fields.get(i).equals(name)) return fields.get(i + 1);
        }
        return "";
    }

    /** The facets that a filter can ask for, by name; those that are empty are left out. */
    Map<String, String> facets() {
        var facets = new LinkedHashMap<String, String>();
        facets.put("kind", kind.word());
        facets.put("workflow", qualifiedName());
        facets.put("function", function);
        facets.put("code", code(problem));
        facets.put("tenant", tenant);
        facets.values().removeIf(String::isEmpty);
        return facets;
    }
}

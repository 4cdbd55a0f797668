package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.Effect.SetTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What happens when a step is entered, by its kind. */
final class Opening {
    private final Work work;

    Opening(Work work) {
        this.work = work;
    }

    void open(String key, Node node, Visit raw) {
        Node.Header header = node.header();
        if (header.condition().isPresent()
                && !header.condition()
                        .get()
                        .test(work.scoping.of(raw), raw.raw().tree())) {
            if (work.scoping.isShown(node)) work.note(Kind.STEP_SKIPPED, key);
            work.skip(key);
            return;
        }
        check(header.data().inputSchema(), raw.raw(), "input");
        Visit visit = header.data().inputFrom().isEmpty()
                ? raw
                : raw.transformed(Value.of(header.data()
                        .inputFrom()
                        .get()
                        .evaluate(work.scoping.of(raw), raw.raw().tree())));
        visit = limited(key, header, visit);
        work.steps.put(key, new StepState.Entering(visit));
        open(key, node, visit, work.scoping.of(visit));
    }

    private Visit limited(String key, Node.Header header, Visit visit) {
        if (header.timeout().isEmpty()) return visit;
        Duration after = duration(header.timeout().get(), visit);
        Instant dueAt = work.at.plus(after);
        work.effect(new SetTimer(dueAt, Timer.STEP_TIMEOUT, key, 0));
        return visit.until(dueAt);
    }

    Duration duration(Template template, Visit visit) {
        return Durations.of(
                template.evaluate(work.scoping.of(visit), visit.input().tree()));
    }

    private void open(String key, Node node, Visit visit, Scopes scopes) {
        switch (node) {
            case Node.Sequence sequence -> sequence(key, sequence, visit);
            case Node.Fork fork -> fork(key, fork, visit);
            case Node.For loop -> loop(key, loop, visit, scopes);
            case Node.Try attempt -> work.faults.begin(key, attempt, visit);
            case Node.Call call -> work.calls.begin(key, call, visit, scopes);
            case Node.Invoke invoke -> invoke(key, invoke, visit, scopes);
            case Node.Extension extension -> extension(key, extension, visit, scopes);
            case Node.Set set ->
                work.leave(
                        key, Value.of(set.value().evaluate(scopes, visit.input().tree())));
            case Node.Switch choice -> choose(key, choice, visit, scopes);
            case Node.Raise raise -> raise(raise, visit, scopes);
            case Node.Wait wait -> pause(key, wait, visit);
            case Node.Emit emit -> emit(key, emit, visit, scopes);
            case Node.Listen listen -> work.listens.begin(key, listen, visit, scopes);
            case Node.RunWorkflow run -> run(key, run, visit, scopes);
        }
    }

    private void entered(String key, Node node) {
        if (work.scoping.isShown(node)) work.note(Kind.STEP_ENTERED, key);
    }

    private void sequence(String key, Node.Sequence sequence, Visit visit) {
        entered(key, sequence);
        if (sequence.children().isEmpty()) {
            work.leave(key, visit.input());
            return;
        }
        var state = new StepState.InSequence(visit, 0, 0);
        work.steps.put(key, state);
        work.enter(sequence.children().getFirst(), key, path(sequence, state), visit.input());
    }

    static String path(Node.Sequence sequence, StepState.InSequence state) {
        return sequence.loops()
                ? join(state.visit().path(), state.rounds())
                : state.visit().path();
    }

    static String join(String path, int round) {
        return path.isEmpty() ? String.valueOf(round) : path + "." + round;
    }

    private void fork(String key, Node.Fork fork, Visit visit) {
        entered(key, fork);
        if (fork.branches().isEmpty()) {
            work.leave(key, fork.compete() ? visit.input() : Value.of(JsonNodeFactory.instance.arrayNode()));
            return;
        }
        List<String> branches = fork.branches().stream()
                .map(branch -> Visit.key(branch.pointer(), visit.path(), work.resets))
                .toList();
        work.steps.put(key, new StepState.InFork(visit, branches, branches.size()));
        fork.branches().forEach(branch -> work.enter(branch, key, visit.path(), visit.input()));
    }

    private void loop(String key, Node.For loop, Visit visit, Scopes scopes) {
        entered(key, loop);
        JsonNode items = loop.in().evaluate(scopes, visit.input().tree());
        if (!items.isArray() && !items.isNull()) {
            throw Problem.of(Code.SL3003, loop.pointer() + "/for/in gave no array but " + kind(items))
                    .asException();
        }
        if (items.isEmpty()) {
            work.leave(key, visit.input());
            return;
        }
        List<Value> chunks = chunks(items);
        if (chunks.size() > 1) work.effect(new Effect.KeepItems(key, chunks.subList(1, chunks.size())));
        round(key, loop, new StepState.InFor(visit, 0, items.size(), chunks.getFirst()), visit.input());
    }

    private static String kind(JsonNode value) {
        return "a " + value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static List<Value> chunks(JsonNode items) {
        var chunks = new ArrayList<Value>();
        ArrayNode chunk = null;
        for (JsonNode item : items) {
            if (chunk == null || chunk.size() == StepState.InFor.CHUNK) {
                chunk = JsonNodeFactory.instance.arrayNode();
                chunks.add(Value.of(chunk));
            }
            chunk.add(item);
        }
        return chunks;
    }

    /** Begins a round of a loop, unless {@code while} ends it. */
    void round(String key, Node.For loop, StepState.InFor state, Value input) {
        work.steps.put(key, state);
        Scopes scopes = work.scoping.variables(work.scoping.of(state.visit()), state);
        if (loop.condition().isPresent() && !loop.condition().get().test(scopes, input.tree())) {
            work.leave(key, input);
            return;
        }
        work.enter(loop.body(), key, join(state.visit().path(), state.index()), input);
    }

    private void invoke(String key, Node.Invoke invoke, Visit visit, Scopes scopes) {
        entered(key, invoke);
        Value input = invoke.with()
                .map(with -> Value.of(with.evaluate(scopes, visit.input().tree())))
                .orElse(visit.input());
        work.steps.put(key, new StepState.Invoking(visit));
        work.enter(invoke.body(), key, visit.path(), input);
    }

    private void extension(String key, Node.Extension extension, Visit visit, Scopes scopes) {
        boolean applies = extension.when().isEmpty()
                || extension.when().get().test(scopes, visit.input().tree());
        String flow = Flow.CONTINUE.word();
        if (!applies) {
            work.steps.put(key, new StepState.Extended(visit, 2, Value.NULL, flow));
            work.enter(extension.target(), key, visit.path(), visit.raw());
        } else if (extension.before().isPresent()) {
            work.steps.put(key, new StepState.Extended(visit, -1, Value.NULL, flow));
            work.enter(extension.before().get(), key, visit.path(), visit.raw());
        } else {
            work.steps.put(key, new StepState.Extended(visit, 0, Value.NULL, flow));
            work.enter(extension.target(), key, visit.path(), visit.raw());
        }
    }

    private void choose(String key, Node.Switch choice, Visit visit, Scopes scopes) {
        Flow otherwise = null;
        for (Node.Case each : choice.cases()) {
            if (each.when().isEmpty()) {
                otherwise = each.then();
            } else if (each.when().get().test(scopes, visit.input().tree())) {
                work.leave(key, visit.input(), each.then());
                return;
            }
        }
        work.leave(key, visit.input(), otherwise);
    }

    private void raise(Node.Raise raise, Visit visit, Scopes scopes) {
        JsonNode error = raise.error().evaluate(scopes, visit.input().tree());
        throw new Problem(
                        error.path("type").asText("about:blank"),
                        Math.clamp(error.path("status").asInt(500), 100, 599),
                        "",
                        error.path("title").asText(""),
                        error.path("detail").asText(""),
                        error.path("instance").asText(""),
                        false,
                        Duration.ZERO)
                .asException();
    }

    private void pause(String key, Node.Wait wait, Visit visit) {
        Instant dueAt = work.at.plus(duration(wait.duration(), visit));
        if (!dueAt.isAfter(work.at)) {
            work.leave(key, visit.input());
            return;
        }
        work.steps.put(key, new StepState.Waiting(visit, dueAt));
        work.effect(new SetTimer(dueAt, Timer.WAIT, key, 0));
        work.note(Kind.TIMER_SET, key, JsonNodeFactory.instance.objectNode().put("until", dueAt.toString()));
    }

    private void emit(String key, Node.Emit emit, Visit visit, Scopes scopes) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("specversion", "1.0");
        // The same when the transition is made again: who takes events by their id takes this one once.
        event.put("id", work.before.id() + ":" + key);
        event.put("time", work.at.toString());
        emit.event()
                .evaluate(scopes, visit.input().tree())
                .properties()
                .forEach(m -> event.set(m.getKey(), m.getValue()));
        if (event.has("data") && !event.has("datacontenttype")) event.put("datacontenttype", "application/json");
        keepSecrets(event);
        work.effect(new Effect.EmitEvent(event));
        work.note(Kind.EVENT_EMITTED, key, event);
        work.leave(key, Value.of(event));
    }

    /** A mark that leaves could come back in somebody's data and be put right for a function that they choose. */
    static void keepSecrets(JsonNode event) {
        if (!event.toString().contains(Secrets.MARK)) return;
        throw Problem.standard(
                        StandardError.AUTHORIZATION,
                        Code.SL4019,
                        "the event would carry a secret out; only the calls of a run may have one")
                .asException();
    }

    private void run(String key, Node.RunWorkflow run, Visit visit, Scopes scopes) {
        Value input = run.input()
                .map(template ->
                        Value.of(template.evaluate(scopes, visit.input().tree())))
                .orElse(visit.input());
        var state = new StepState.AwaitingRun(visit, input, 1);
        work.effect(start(key, run, state));
        work.note(Kind.CHILD_STARTED, key);
        if (run.await()) work.steps.put(key, state);
        else work.leave(key, visit.input());
    }

    static Effect.StartRun start(String key, Node.RunWorkflow run, StepState.AwaitingRun state) {
        return new Effect.StartRun(
                key, state.attempt(), run.namespace(), run.name(), run.version(), state.arguments(), run.await());
    }

    /** @throws ProblemException SL4008 when the value does not match */
    static void check(Optional<InputSchema> schema, Value value, String what) {
        if (schema.isEmpty()) return;
        List<String> mismatches = schema.get().check(value.tree());
        if (mismatches.isEmpty()) return;
        throw Problem.standard(
                        StandardError.VALIDATION,
                        Code.SL4008,
                        "the " + what + " does not match its schema: " + String.join("; ", mismatches))
                .asException();
    }
}

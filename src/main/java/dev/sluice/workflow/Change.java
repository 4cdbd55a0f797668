package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.workflow.HistoryEntry.Kind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The making of one transition: a working copy of the run, and what has been decided so far. Steps that need no
 * function are taken in a loop, not by recursion, so that a long chain of them cannot overflow the stack.
 */
final class Change {
    /** Something to do next within this transition. */
    private sealed interface Move {
        record Enter(Node node, JsonNode input) implements Move {}

        /** @param input after {@code input.from} */
        record Leave(Node node, JsonNode input, JsonNode output) implements Move {}
    }

    private final Definition definition;
    private final Run before;
    private final Instant at;
    private final Map<String, StepState> steps;
    private final List<Effect> effects = new ArrayList<>();
    private final List<HistoryEntry> history = new ArrayList<>();
    private final Deque<Move> moves = new ArrayDeque<>();
    private RunState state;
    private JsonNode context;
    private Usage usage;

    Change(Definition definition, Run run, Instant at) {
        this.definition = definition;
        this.before = run;
        this.at = at;
        this.steps = new LinkedHashMap<>(run.steps());
        this.state = run.state();
        this.context = run.context();
        this.usage = run.usage();
    }

    Transition start(RunState.Accepted accepted) {
        state = accepted.start(at);
        note(Kind.RUN_STARTED, "");
        attempt(Definition.ROOT, () -> {
            JsonNode input = transform(definition.inputFrom(), scopes(), before.input());
            moves.add(new Move.Enter(definition.root(), input));
        });
        return settle();
    }

    Transition succeed(Event.StepSucceeded event, StepState.Queued queued) {
        usage = usage.plus(event.usage());
        history.add(HistoryEntry.of(at, Kind.STEP_SUCCEEDED, event.step())
                .attempt(event.attempt())
                .ran(event.startedAt(), event.usage())
                .with(event.output()));
        moves.add(new Move.Leave(definition.nodes().get(event.step()), queued.input(), event.output()));
        return settle();
    }

    Transition fail(Event.StepFailed event, StepState.Queued queued, RetryPolicy policy) {
        usage = usage.plus(event.usage());
        boolean again = policy.allows(event.attempt(), event.problem());
        history.add(HistoryEntry.of(at, Kind.ATTEMPT_FAILED, event.step())
                .attempt(event.attempt())
                .ran(event.startedAt(), event.usage())
                .with(event.problem().toJson()));
        if (again) {
            Instant dueAt = at.plus(policy.waitAfter(event.attempt(), event.problem()));
            steps.put(event.step(), queued.backOff(dueAt));
            effects.add(new Effect.SetTimer(dueAt, new Event.BackoffElapsed(event.step(), event.attempt(), dueAt)));
        } else {
            failRun(event.step(), event.problem());
        }
        return settle();
    }

    Transition retry(String step, StepState.Backoff waited) {
        enqueue((Node.Call) definition.nodes().get(step), waited.retry());
        return settle();
    }

    Transition abort(Problem problem) {
        if (state instanceof RunState.Accepted accepted) state = accepted.start(at);
        failRun("", problem);
        return settle();
    }

    private Transition settle() {
        for (Move move = moves.poll(); move != null; move = moves.poll()) {
            switch (move) {
                case Move.Enter enter -> attempt(enter.node().pointer(), () -> enter(enter.node(), enter.input()));
                case Move.Leave leave -> attempt(leave.node().pointer(), () -> leave(leave));
            }
        }
        var run = new Run(
                before.id(),
                before.workflow(),
                before.revision(),
                before.title(),
                before.acceptedAt(),
                state,
                before.input(),
                context,
                steps,
                usage,
                before.version() + 1);
        return new Transition(run, List.copyOf(effects), List.copyOf(history));
    }

    private void enter(Node node, JsonNode rawInput) {
        Node.Header header = node.header();
        Scopes scopes = scopes(node, "input", rawInput);
        JsonNode input = transform(header.inputFrom(), scopes, rawInput);
        Scopes own = scopes.with("input", input);
        if (header.condition().isPresent() && !header.condition().get().test(own, input)) {
            note(Kind.STEP_SKIPPED, node.pointer());
            next(node, rawInput);
            return;
        }
        switch (node) {
            case Node.Sequence sequence -> enterSequence(sequence, input);
            case Node.Fork fork -> enterFork(fork, input);
            case Node.Set set -> {
                JsonNode output = set.value().evaluate(own, input);
                history.add(
                        HistoryEntry.of(at, Kind.STEP_SUCCEEDED, node.pointer()).with(output));
                moves.add(new Move.Leave(node, input, output));
            }
            case Node.Call call ->
                enqueue(call, new StepState.Queued(input, call.arguments().evaluate(own, input), 1));
        }
    }

    private void enterSequence(Node.Sequence sequence, JsonNode input) {
        if (!sequence.pointer().equals(Definition.ROOT)) note(Kind.STEP_ENTERED, sequence.pointer());
        if (sequence.children().isEmpty()) {
            moves.add(new Move.Leave(sequence, input, input));
            return;
        }
        Node first = sequence.children().getFirst();
        steps.put(sequence.pointer(), new StepState.InSequence(input, first.pointer()));
        moves.add(new Move.Enter(first, input));
    }

    private void enterFork(Node.Fork fork, JsonNode input) {
        note(Kind.STEP_ENTERED, fork.pointer());
        if (fork.branches().isEmpty()) {
            moves.add(new Move.Leave(fork, input, JsonNodeFactory.instance.arrayNode()));
            return;
        }
        steps.put(fork.pointer(), new StepState.InFork(input, fork.branches().size()));
        fork.branches().forEach(branch -> moves.add(new Move.Enter(branch, input)));
    }

    private void enqueue(Node.Call call, StepState.Queued queued) {
        steps.put(call.pointer(), queued);
        effects.add(new Effect.EnqueueTask(call.pointer(), queued.attempt(), call.function(), queued.arguments()));
        history.add(HistoryEntry.of(at, Kind.TASK_QUEUED, call.pointer()).attempt(queued.attempt()));
    }

    /** Applies {@code output.as} and {@code export.as}, then hands the output on. */
    private void leave(Move.Leave move) {
        Node node = move.node();
        Scopes scopes = scopes(node, "output", move.output()).with("input", move.input());
        JsonNode output = transform(node.header().outputAs(), scopes, move.output());
        if (node.header().exportAs().isPresent()) {
            context = node.header().exportAs().get().evaluate(scopes.with("output", output), output);
        }
        steps.remove(node.pointer());
        boolean holdsOthers = node instanceof Node.Sequence || node instanceof Node.Fork;
        if (holdsOthers && !node.pointer().equals(Definition.ROOT)) note(Kind.STEP_SUCCEEDED, node.pointer());
        next(node, output);
    }

    private void next(Node node, JsonNode output) {
        if (node.header().parent().isEmpty()) {
            finish(output);
            return;
        }
        Node parent = definition.nodes().get(node.header().parent());
        switch (parent) {
            case Node.Sequence sequence -> nextInSequence(sequence, node, output);
            case Node.Fork fork -> join(fork, node, output);
            case Node.Call call -> throw new IllegalStateException(call.pointer() + " cannot have children");
            case Node.Set set -> throw new IllegalStateException(set.pointer() + " cannot have children");
        }
    }

    private void nextInSequence(Node.Sequence sequence, Node done, JsonNode output) {
        if (!(steps.get(sequence.pointer()) instanceof StepState.InSequence here)) return;
        int index = done.header().index() + 1;
        if (index == sequence.children().size()) {
            moves.add(new Move.Leave(sequence, here.input(), output));
            return;
        }
        Node next = sequence.children().get(index);
        steps.put(sequence.pointer(), here.moveTo(next.pointer()));
        moves.add(new Move.Enter(next, output));
    }

    private void join(Node.Fork fork, Node branch, JsonNode output) {
        if (!(steps.get(fork.pointer()) instanceof StepState.InFork open)) return;
        if (open.open() > 1) {
            steps.put(fork.pointer(), open.join());
            steps.put(branch.pointer(), new StepState.Joined(output));
            return;
        }
        ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
        for (Node each : fork.branches()) {
            outputs.add(steps.remove(each.pointer()) instanceof StepState.Joined done ? done.output() : output);
        }
        moves.add(new Move.Leave(fork, open.input(), outputs));
    }

    private void finish(JsonNode rawOutput) {
        JsonNode output = transform(definition.outputAs(), scopes(), rawOutput);
        if (state instanceof RunState.Running running) {
            state = running.succeed(output, at);
            note(Kind.RUN_SUCCEEDED, "");
        }
    }

    /**
     * Ends the run: what is still under way is given up; its late results will change nothing, and what this transition
     * wanted done is wanted no more.
     *
     * @param step {@link Definition#ROOT} when the workflow's own input or output is at fault; empty for a defect
     */
    private void failRun(String step, Problem problem) {
        if (!(state instanceof RunState.Running running)) return;
        moves.clear();
        effects.clear();
        String failed = step.equals(Definition.ROOT) ? "" : step;
        steps.remove(failed);
        if (!failed.isEmpty()) {
            history.add(HistoryEntry.of(at, Kind.STEP_FAILED, failed).with(problem.toJson()));
        }
        steps.forEach((left, open) -> {
            // A branch that joined has succeeded, and nothing takes that back.
            if (left.equals(Definition.ROOT) || open instanceof StepState.Joined) return;
            boolean encloses = failed.startsWith(left + "/");
            note(encloses ? Kind.STEP_FAILED : Kind.STEP_CANCELLED, left);
        });
        steps.clear();
        state = running.fail(failed, problem, at);
        history.add(HistoryEntry.of(at, Kind.RUN_FAILED, failed).with(problem.toJson()));
    }

    /** An expression that fails fails the step it belongs to. */
    private void attempt(String step, Runnable move) {
        try {
            move.run();
        } catch (ProblemException e) {
            failRun(step, e.problem());
        }
    }

    private void note(Kind kind, String step) {
        history.add(HistoryEntry.of(at, kind, step));
    }

    private Scopes scopes() {
        return Scopes.of(before, definition).with("context", context);
    }

    /**
     * @param member {@code input} or {@code output} of {@code $task}: what the step got or gave, before it is
     *     transformed
     */
    private Scopes scopes(Node node, String member, JsonNode raw) {
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        task.put("name", node.header().name()).put("reference", node.pointer());
        task.set("definition", definition.document().at(node.pointer()));
        task.set(member, raw);
        return scopes().with("task", task);
    }

    private static JsonNode transform(Optional<Template> template, Scopes scopes, JsonNode value) {
        return template.isEmpty() ? value : template.get().evaluate(scopes, value);
    }
}

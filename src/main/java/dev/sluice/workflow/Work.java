package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Open;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The making of one transition: a working copy of the run, and what has been decided so far. Steps that need nothing
 * from outside are taken in a loop, not by recursion, so that a long chain of them cannot overflow the stack.
 */
final class Work {
    /** Something to do next within this transition. */
    private sealed interface Move {
        record Enter(Node node, String parent, String path, int resets, Value raw) implements Move {}

        /** @param flow null: what the step's own {@code then} says */
        record Leave(String step, Value output, Flow flow) implements Move {}

        record Skip(String step) implements Move {}
    }

    /**
     * 1,000 steps: then the run takes its next event, so that a loop without a pause neither holds up the other runs of
     * its partition nor can be out of reach of a cancellation.
     */
    static final int ENTRIES_MAX = 1_000;

    final Definition definition;
    final Machine machine;
    final Run before;
    final Instant at;
    final Map<String, StepState> steps;
    final Scoping scoping;
    final Rearming rearming;
    final Opening opening;
    final Closing closing;
    final Faults faults;
    final Calls calls;
    final Listens listens;
    final List<Value> signals;
    final Map<String, String> attributes;
    RunState state;
    Run.Identity identity;
    Value context;
    Usage usage;
    int resets;
    /** Key of the visit that must not begin: the run is to be taken back to the moment before it. */
    String stopBefore;

    /** Steps that are told to have failed: giving them up is no news. */
    final Set<String> failed = new HashSet<>();

    private boolean stopped;

    private final List<Effect> effects = new ArrayList<>();
    private final List<HistoryEntry> history = new ArrayList<>();
    private final Deque<Move> moves = new ArrayDeque<>();
    private int entries;

    Work(Definition definition, Machine machine, Run run, Instant at) {
        this.definition = definition;
        this.machine = machine;
        this.before = run;
        this.at = at;
        this.steps = new LinkedHashMap<>(run.steps());
        this.signals = new ArrayList<>(run.signals());
        this.attributes = new LinkedHashMap<>(run.attributes());
        this.state = run.state();
        this.identity = run.identity();
        this.context = run.context();
        this.usage = run.usage();
        this.resets = run.resets();
        this.scoping = new Scoping(this);
        this.rearming = new Rearming(this);
        this.opening = new Opening(this);
        this.closing = new Closing(this);
        this.faults = new Faults(this);
        this.calls = new Calls(this);
        this.listens = new Listens(this);
    }

    /** Enters a step later in this transition. @param path rounds of the loops around it, see {@link Visit#path} */
    void enter(Node node, String parent, String path, Value raw) {
        moves.add(new Move.Enter(node, parent, path, resets, raw));
    }

    /** Enters a step that waited for it, under the name that it has already. */
    void enterAgain(Visit visit) {
        Node node = definition.nodes().get(visit.pointer());
        moves.add(new Move.Enter(node, visit.parent(), visit.path(), visit.resets(), visit.raw()));
    }

    void leave(String step, Value output) {
        leave(step, output, null);
    }

    void leave(String step, Value output, Flow flow) {
        moves.add(new Move.Leave(step, output, flow));
    }

    /** Goes on later in this transition as if the step were not there. */
    void skip(String step) {
        moves.add(new Move.Skip(step));
    }

    void effect(Effect effect) {
        effects.add(effect);
    }

    void note(HistoryEntry entry) {
        history.add(entry);
    }

    void note(Kind kind, String step) {
        history.add(HistoryEntry.of(at, kind, step));
    }

    void note(Kind kind, String step, JsonNode data) {
        history.add(HistoryEntry.of(at, kind, step).with(data));
    }

    /** Whether anything of this transition will be told of. */
    boolean hasNews() {
        return !history.isEmpty();
    }

    Node node(Open step) {
        Node node = definition.nodes().get(step.visit().pointer());
        if (node == null) {
            throw new IllegalStateException("revision " + definition.revision() + " of '" + definition.name()
                    + "' has no step " + step.visit().pointer());
        }
        return node;
    }

    Open open(String key) {
        return (Open) steps.get(key);
    }

    /** Runs what may fail by the author's expressions; then the step is at fault. */
    void attempt(String step, Runnable work) {
        try {
            work.run();
        } catch (ProblemException e) {
            faults.raise(step, e.problem());
        }
    }

    /** The steps inside {@code key}, at any depth. */
    List<String> inside(String key) {
        var inside = new ArrayList<String>();
        for (var step : steps.entrySet()) {
            if (step.getValue() instanceof Open open && isInside(open, key)) inside.add(step.getKey());
        }
        return inside;
    }

    private boolean isInside(Open open, String key) {
        String parent = open.visit().parent();
        while (!parent.isEmpty()) {
            if (parent.equals(key)) return true;
            parent = open(parent).visit().parent();
        }
        return false;
    }

    /** Gives up all steps inside {@code key}, and what its branches and theirs had joined with. */
    void cancelInside(String key) {
        List<String> inside = inside(key);
        var branches = new ArrayList<>(branches(key));
        inside.forEach(step -> branches.addAll(branches(step)));
        inside.forEach(this::cancel);
        branches.forEach(steps::remove);
    }

    private List<String> branches(String key) {
        return steps.get(key) instanceof StepState.InFork fork ? fork.branches() : List.of();
    }

    /** Gives up one step; those inside it are the caller's. */
    void cancel(String step) {
        Open open = open(step);
        rearming.release(step, open);
        steps.remove(step);
        if (!failed.remove(step) && scoping.isShown(node(open))) note(Kind.STEP_CANCELLED, step);
    }

    Transition settle() {
        for (Move move = moves.poll(); move != null; move = moves.poll()) {
            switch (move) {
                case Move.Enter enter -> take(enter);
                case Move.Skip skip -> closing.skip(skip.step());
                case Move.Leave leave ->
                    attempt(leave.step(), () -> closing.leave(leave.step(), leave.output(), leave.flow()));
            }
        }
        var run = new Run(
                identity,
                state,
                before.input(),
                context,
                steps,
                List.copyOf(signals),
                attributes,
                resets,
                usage,
                before.version() + 1);
        return new Transition(run, List.copyOf(effects), List.copyOf(history));
    }

    private void take(Move.Enter move) {
        // Given up meanwhile, in this same transition, together with the step around it.
        if (!move.parent().isEmpty() && !steps.containsKey(move.parent())) return;
        var visit = new Visit(
                move.node().pointer(),
                move.parent(),
                move.path(),
                move.resets(),
                move.raw(),
                move.raw(),
                at,
                java.util.Optional.empty());
        String key = visit.key();
        steps.put(key, new StepState.Entering(visit));
        // Whatever would begin together with it waits as well: it might decide the run.
        stopped |= key.equals(stopBefore);
        if (stopped) return;
        if (++entries > ENTRIES_MAX) {
            effect(new Effect.Deliver(new Event.Continued(key, at)));
            return;
        }
        attempt(key, () -> opening.open(key, move.node(), visit));
    }

    boolean isStopped() {
        return stopped && steps.containsKey(stopBefore) && state instanceof RunState.Running;
    }

    void dropMoves() {
        moves.clear();
    }
}

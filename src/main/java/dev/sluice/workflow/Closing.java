package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Effect.ClearTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Open;
import java.util.Optional;

/** What happens when a step has its output, and where the run goes from there. */
final class Closing {
    private final Work work;

    Closing(Work work) {
        this.work = work;
    }

    /** Applies {@code output.as} and {@code export.as}, then hands the output on. */
    void leave(String key, Value rawOutput, Flow flow) {
        // Given up meanwhile, in this same transition, by a branch that ended the run or won the race.
        if (!(work.steps.get(key) instanceof Open open)) return;
        Node node = work.node(open);
        Visit visit = open.visit();
        Value output = transformed(node, visit, rawOutput);
        visit.timeoutAt().ifPresent(at -> work.effect(new ClearTimer(at, Timer.STEP_TIMEOUT, key, 0)));
        if (open instanceof StepState.InFor loop) work.rearming.dropItems(key, loop.count());
        work.steps.remove(key);
        if (work.scoping.isShown(node) && !(node instanceof Node.Call)) succeeded(key, node, output);
        proceed(visit, key, output, flow == null ? node.header().then() : flow);
    }

    /** The step is left as if it were not there. */
    void skip(String key) {
        if (!(work.steps.get(key) instanceof Open open)) return;
        work.steps.remove(key);
        proceed(open.visit(), key, open.visit().raw(), Flow.CONTINUE);
    }

    /** What a call gave is in the history as the function answered it. */
    private void succeeded(String key, Node node, Value output) {
        HistoryEntry entry = HistoryEntry.of(work.at, Kind.STEP_SUCCEEDED, key);
        boolean made =
                switch (node) {
                    case Node.Set s -> true;
                    case Node.Listen l -> true;
                    case Node.RunWorkflow r -> true;
                    case Node.Switch s -> false;
                    case Node.Wait w -> false;
                    case Node.Emit e -> false;
                    case Node.Raise r -> false;
                    case Node.Call c -> false;
                    case Node.Sequence s -> false;
                    case Node.Fork f -> false;
                    case Node.For f -> false;
                    case Node.Try t -> false;
                    case Node.Invoke i -> false;
                    case Node.Extension e -> false;
                };
        work.note(made ? entry.with(output) : entry);
    }

    private Value transformed(Node node, Visit visit, Value rawOutput) {
        Node.Data data = node.header().data();
        boolean plain = data.outputAs().isEmpty()
                && data.outputSchema().isEmpty()
                && data.exportAs().isEmpty()
                && node.header().attributes().isEmpty();
        if (plain) return rawOutput;
        Scopes scopes = work.scoping.after(visit, rawOutput.tree()).with("output", rawOutput);
        Value output = data.outputAs()
                .map(as -> Value.of(as.evaluate(scopes, rawOutput.tree())))
                .orElse(rawOutput);
        Opening.check(data.outputSchema(), output, "output");
        Scopes exporting = scopes.with("output", output);
        if (data.exportAs().isPresent()) {
            Value context = Value.of(data.exportAs().get().evaluate(exporting, output.tree()));
            Opening.check(data.exportSchema(), context, "exported context");
            work.context = context;
        }
        attribute(node.header().attributes(), exporting, output.tree());
        return output;
    }

    void attribute(java.util.Map<String, Template> attributes, Scopes scopes, JsonNode current) {
        attributes.forEach((name, template) -> {
            JsonNode value = template.evaluate(scopes, current);
            if (value.isNull()) work.attributes.remove(name);
            else work.attributes.put(name, Machine.attribute(value));
        });
    }

    /**
     * The step of this visit is over.
     *
     * @param key of the visit
     */
    private void proceed(Visit visit, String key, Value output, Flow flow) {
        if (visit.parent().isEmpty()) {
            finish(output);
            return;
        }
        String parent = visit.parent();
        // What extends the step comes before the end that a switch has chosen.
        if (flow instanceof Flow.End && !(work.open(parent) instanceof StepState.Extended)) {
            finish(output);
            return;
        }
        switch (work.open(parent)) {
            case StepState.InSequence here -> next(parent, here, output, flow);
            case StepState.InFork fork -> join(parent, fork, key, output);
            case StepState.InFor loop -> nextRound(parent, loop, output);
            case StepState.Trying trying -> {
                work.faults.endAttempt(parent, trying);
                work.leave(parent, output);
            }
            case StepState.Handling handling -> work.faults.handled(parent, output);
            case StepState.Invoking invoking -> work.leave(parent, output);
            case StepState.Extended extended -> extended(parent, extended, output, flow);
            case StepState.Listening listening -> work.listens.roundEnded(parent, listening, output);
            case StepState.Entering s -> throw holdsNone(s);
            case StepState.AwaitingItems s -> throw holdsNone(s);
            case StepState.Retrying s -> throw holdsNone(s);
            case StepState.Calling s -> throw holdsNone(s);
            case StepState.Waiting s -> throw holdsNone(s);
            case StepState.AwaitingRun s -> throw holdsNone(s);
        }
    }

    private static IllegalStateException holdsNone(Open state) {
        return new IllegalStateException(state.visit().key() + " holds no other step");
    }

    private void next(String key, StepState.InSequence here, Value output, Flow flow) {
        var sequence = (Node.Sequence) work.node(here);
        int next =
                switch (flow) {
                    case Flow.Continue c -> here.child() + 1;
                    case Flow.Exit e -> sequence.children().size();
                    case Flow.End e -> sequence.children().size();
                    case Flow.To to -> to.index();
                };
        if (next == sequence.children().size()) {
            // Only the step that the list belongs to asks whether it was left early.
            boolean isList = !work.scoping.isShown(sequence);
            work.leave(key, output, isList && flow instanceof Flow.Exit ? Flow.EXIT : null);
            return;
        }
        StepState.InSequence moved = here.moveTo(next);
        work.steps.put(key, moved);
        work.enter(sequence.children().get(next), key, Opening.path(sequence, moved), output);
    }

    private void join(String key, StepState.InFork fork, String branch, Value output) {
        if (((Node.Fork) work.node(fork)).compete()) {
            work.cancelInside(key);
            work.leave(key, output);
            return;
        }
        if (fork.open() > 1) {
            work.steps.put(key, fork.join());
            work.steps.put(branch, new StepState.Joined(output));
            return;
        }
        ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
        for (String each : fork.branches()) {
            boolean last = each.equals(branch);
            outputs.add((last ? output : ((StepState.Joined) work.steps.remove(each)).output()).tree());
        }
        work.leave(key, Value.of(outputs));
    }

    private void nextRound(String key, StepState.InFor loop, Value output) {
        int next = loop.index() + 1;
        if (next == loop.count()) {
            work.leave(key, output);
        } else if (next % StepState.InFor.CHUNK == 0) {
            work.steps.put(key, new StepState.AwaitingItems(loop.visit(), next, loop.count(), output));
            work.effect(new Effect.LoadItems(key, next / StepState.InFor.CHUNK, work.at));
        } else {
            work.attempt(key, () -> work.opening.round(key, (Node.For) work.node(loop), loop.next(), output));
        }
    }

    void itemsLoaded(Event.ItemsLoaded event, StepState.AwaitingItems waiting) {
        var state = new StepState.InFor(waiting.visit(), waiting.index(), waiting.count(), event.items());
        work.attempt(
                event.step(),
                () -> work.opening.round(event.step(), (Node.For) work.node(waiting), state, waiting.input()));
    }

    private void extended(String key, StepState.Extended state, Value output, Flow flow) {
        var extension = (Node.Extension) work.node(state);
        Visit visit = state.visit();
        switch (state.phase()) {
            case -1 -> {
                if (flow instanceof Flow.Exit) {
                    work.leave(key, output);
                    return;
                }
                work.steps.put(key, new StepState.Extended(visit, 0, Value.NULL, state.flow()));
                work.enter(extension.target(), key, visit.path(), visit.raw());
            }
            case 0 -> {
                if (extension.after().isEmpty()) {
                    work.leave(key, output, ownOr(flow));
                    return;
                }
                work.steps.put(key, new StepState.Extended(visit, 1, output, flow.word()));
                work.enter(extension.after().get(), key, visit.path(), output);
            }
            case 1 -> work.leave(key, state.output(), ownOr(Flow.of(state.flow())));
            default -> work.leave(key, output, ownOr(flow));
        }
    }

    /** The extended step's own flow stands at the extension; only what a {@code switch} chose goes before it. */
    private static Flow ownOr(Flow flow) {
        return flow instanceof Flow.Continue ? null : flow;
    }

    private void finish(Value rawOutput) {
        for (String step : work.steps.keySet().stream().toList()) {
            if (work.steps.get(step) instanceof Open) work.cancel(step);
        }
        work.steps.clear();
        work.dropMoves();
        if (work.state instanceof RunState.Cancelling) {
            work.faults.cancelled();
            return;
        }
        try {
            Value output = workflowOutput(rawOutput);
            if (!(work.state instanceof RunState.Running running)) return;
            clearRunTimer();
            work.state = running.succeed(output, work.at);
            work.note(Kind.RUN_SUCCEEDED, "");
        } catch (ProblemException e) {
            work.faults.failRun("", e.problem());
        }
    }

    private Value workflowOutput(Value rawOutput) {
        Optional<Template> as = work.definition.data().outputAs();
        Value output = as.isEmpty()
                ? rawOutput
                : Value.of(as.get().evaluate(work.scoping.workflow().with("output", rawOutput), rawOutput.tree()));
        Opening.check(work.definition.data().outputSchema(), output, "workflow's output");
        return output;
    }

    void clearRunTimer() {
        try {
            work.rearming.runTimeoutAt().ifPresent(at -> work.effect(new ClearTimer(at, Timer.RUN_TIMEOUT, "", 0)));
        } catch (ProblemException e) {
            // That expression failed when the run started, too: there is no timer.
        }
    }
}

package dev.sluice.workflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.Effect.SetTimer;
import dev.sluice.workflow.Event.Timer;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StepState.Calling;
import dev.sluice.workflow.StepState.Listening;
import dev.sluice.workflow.StepState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What starts and ends a run as a whole, and what a person asks of it. */
final class Control {
    private Control() {}

    static boolean take(Work work, Event.Request request) {
        return switch (request) {
            case Event.CancelRequested cancel -> cancel(work, cancel);
            case Event.KillRequested kill -> kill(work, kill);
            case Event.PauseRequested pause -> pause(work);
            case Event.ResumeRequested resume -> resume(work);
            case Event.RetryRequested retry -> retry(work);
            case Event.RearmRequested rearm -> rearm(work);
            // Taken in by methods of their own, which get more than the run.
            case Event.ResetRequested reset -> false;
            case Event.MoveRequested move -> false;
        };
    }

    static boolean start(Work work) {
        if (!(work.state instanceof RunState.Accepted accepted)) return false;
        work.state = accepted.start(work.at);
        noteFork(work);
        work.note(Kind.RUN_STARTED, "");
        try {
            work.rearming.runTimeoutAt().ifPresent(at -> work.effect(new SetTimer(at, Timer.RUN_TIMEOUT, "", 0)));
            Optional<Template> from = work.definition.data().inputFrom();
            Value input = from.isEmpty()
                    ? work.before.input()
                    : Value.of(from.get()
                            .evaluate(
                                    work.scoping.workflow(), work.before.input().tree()));
            work.enter(work.definition.root(), "", "", input);
        } catch (ProblemException e) {
            work.faults.failRun("", e.problem());
        }
        return true;
    }

    static Transition abort(Run run, Problem problem, Instant at) {
        RunState.Running running =
                switch (run.state()) {
                    case RunState.Accepted accepted -> accepted.start(at);
                    case RunState.Running state -> state;
                    case RunState.Paused paused -> paused.resume();
                    case RunState.Cancelling cancelling -> new RunState.Running(cancelling.startedAt());
                    case RunState.Succeeded s -> throw ended(run);
                    case RunState.Failed s -> throw ended(run);
                    case RunState.Cancelled s -> throw ended(run);
                };
        Run failed = with(run, running.fail("", problem, at), run.steps(), run.resets());
        HistoryEntry entry = HistoryEntry.of(at, Kind.RUN_FAILED, "").with(problem.toJson());
        var effects = new ArrayList<Effect>();
        run.steps().forEach((key, state) -> {
            if (state instanceof StepState.Listening here) effects.add(new Effect.Unsubscribe(key, here.topics()));
            if (state instanceof StepState.Queued task) {
                effects.add(new Effect.AbortTask(key, task.attempts().number()));
            }
        });
        return new Transition(failed, effects, List.of(entry));
    }

    private static IllegalStateException ended(Run run) {
        return new IllegalStateException("run " + run.id() + " has ended");
    }

    private static Run with(Run run, RunState state, Map<String, StepState> steps, int resets) {
        return new Run(
                run.identity(),
                state,
                run.input(),
                run.context(),
                steps,
                run.signals(),
                run.attributes(),
                resets,
                run.usage(),
                run.version() + 1);
    }

    /** What a paused run takes in; everything else waits until it is resumed. */
    static boolean reachesPaused(Event event) {
        return event instanceof Event.ResumeRequested
                || event instanceof Event.CancelRequested
                || event instanceof Event.KillRequested
                || event instanceof Event.PauseRequested
                || event instanceof Event.ResetRequested
                || event instanceof Event.MoveRequested;
    }

    static boolean pause(Work work) {
        if (!(work.state instanceof RunState.Running running)) return false;
        work.state = running.pause(work.at);
        work.note(Kind.RUN_PAUSED, "");
        return true;
    }

    static boolean resume(Work work) {
        if (!(work.state instanceof RunState.Paused paused)) return false;
        work.state = paused.resume();
        work.effect(new Effect.Release());
        work.note(Kind.RUN_RESUMED, "");
        return true;
    }

    static boolean cancel(Work work, Event.CancelRequested request) {
        if (work.state instanceof RunState.Paused) resume(work);
        switch (work.state) {
            case RunState.Accepted accepted ->
                work.state = accepted.start(work.at).cancel(request.reason());
            case RunState.Running running -> work.state = running.cancel(request.reason());
            case RunState.Paused s -> throw ended(work.before);
            case RunState.Cancelling s -> {
                return false;
            }
            case RunState.Succeeded s -> {
                return false;
            }
            case RunState.Failed s -> {
                return false;
            }
            case RunState.Cancelled s -> {
                return false;
            }
        }
        work.note(Kind.RUN_CANCELLING, "", JsonNodeFactory.instance.objectNode().put("reason", request.reason()));
        work.faults.unwind();
        return true;
    }

    static boolean kill(Work work, Event.KillRequested request) {
        if (work.state instanceof RunState.Paused) resume(work);
        RunState.Cancelling ending =
                switch (work.state) {
                    case RunState.Accepted accepted -> accepted.start(work.at).cancel(request.reason());
                    case RunState.Running running -> running.cancel(request.reason());
                    case RunState.Cancelling cancelling -> cancelling;
                    case RunState.Paused s -> null;
                    case RunState.Succeeded s -> null;
                    case RunState.Failed s -> null;
                    case RunState.Cancelled s -> null;
                };
        if (ending == null) return false;
        work.state = ending;
        work.faults.cancelled();
        return true;
    }

    static boolean retry(Work work) {
        if (!(work.state instanceof RunState.Failed failed)) return false;
        work.state = failed.retry(work.at);
        work.note(Kind.RUN_RETRIED, failed.step());
        if (work.steps.isEmpty()) {
            // It failed before its first step or after its last one.
            work.state = new RunState.Accepted();
            work.context = Value.NULL;
            return start(work);
        }
        Duration pause = Duration.between(failed.endedAt(), work.at);
        work.steps.replaceAll((key, step) -> Later.by(pause, step));
        work.rearming.armForRetry();
        return true;
    }

    static boolean rearm(Work work) {
        if (!(work.state instanceof RunState.Running) && !(work.state instanceof RunState.Cancelling)) return false;
        noteFork(work);
        work.rearming.armAll();
        return true;
    }

    /** A run that was forked says so with its first event. */
    private static void noteFork(Work work) {
        String origin = work.before.identity().origin();
        if (origin.isEmpty() || work.before.version() > 0) return;
        work.note(Kind.RUN_FORKED, "", JsonNodeFactory.instance.objectNode().put("from", origin));
    }

    static boolean timeOut(Work work, Instant dueAt) {
        if (!work.rearming.runTimeoutAt().filter(dueAt::equals).isPresent()) return false;
        Problem problem = Problem.standard(
                StandardError.TIMEOUT, Code.SL4020, "the run had not ended when its timeout ended at " + dueAt);
        if (work.state instanceof RunState.Cancelling) work.faults.cancelled();
        else work.faults.failRun("", problem);
        return true;
    }

    static Transition reset(Work work, Machine.Rewound target, Event.ResetRequested event) {
        for (String step : List.copyOf(work.steps.keySet())) {
            if (work.steps.get(step) instanceof Open open
                    && !isSameChild(open, target.run().steps().get(step))) {
                work.rearming.release(step, open);
            }
        }
        work.steps.clear();
        work.note(Kind.RUN_RESET, event.step());
        work.resets++;
        work.context = target.run().context();
        reentered(target.run().steps(), work.steps, work.resets, event);
        target.items().forEach(work::effect);
        work.state = new RunState.Running(work.at);
        if (work.before.state() instanceof RunState.Paused) work.effect(new Effect.Release());
        work.rearming.armAll();
        return work.settle();
    }

    /** A run that another branch waits for then and now goes on. */
    private static boolean isSameChild(Open now, StepState then) {
        return now instanceof StepState.AwaitingRun a
                && then instanceof StepState.AwaitingRun b
                && a.attempt() == b.attempt();
    }

    /**
     * The steps of then as they go on now. What begins, calls and waits for events get names of their own, so that
     * nothing that was sent for the former ones is taken for them, and no answer that is known keeps a new one out.
     */
    private static void reentered(
            Map<String, StepState> then, Map<String, StepState> now, int resets, Event.ResetRequested event) {
        Duration pause =
                Duration.between(((Open) then.get(event.step())).visit().since(), event.at());
        then.forEach((key, state) -> now.put(key, Later.by(pause, state)));
        for (String key : then.keySet()) {
            StepState state = now.get(key);
            if (state instanceof StepState.Entering) begins(now, resets, ((Open) then.get(key)).visit(), event);
            if (state instanceof Calling call) rename(now, call.visit(), Calls.renamed(call, resets, event.at()));
            // One that works off an event is named by the steps inside it.
            if (state instanceof Listening listening && !listening.iterating()) {
                rename(now, listening.visit(), Listens.renamed(listening, resets));
            }
        }
    }

    private static void begins(Map<String, StepState> steps, int resets, Visit was, Event.ResetRequested event) {
        Value input = was.key().equals(event.step()) ? event.input().orElse(was.raw()) : was.raw();
        rename(
                steps,
                was,
                new StepState.Entering(new Visit(
                        was.pointer(), was.parent(), was.path(), resets, input, input, event.at(), Optional.empty())));
    }

    private static void rename(Map<String, StepState> steps, Visit was, Open renamed) {
        String name = renamed.visit().key();
        steps.remove(was.key());
        if (steps.get(was.parent()) instanceof StepState.InFork fork) {
            var branches = fork.branches().stream()
                    .map(key -> key.equals(was.key()) ? name : key)
                    .toList();
            steps.put(was.parent(), new StepState.InFork(fork.visit(), branches, fork.open()));
        }
        steps.put(name, renamed);
    }

    static Run fork(Run source, Event.ResetRequested event, String id) {
        Run.Identity was = source.identity();
        var identity = new Run.Identity(
                id,
                was.namespace(),
                was.workflow(),
                was.revision(),
                was.title(),
                event.at(),
                Optional.empty(),
                was.id(),
                was.service(),
                Optional.empty());
        var steps = new LinkedHashMap<String, StepState>();
        int resets = source.resets() + 1;
        reentered(source.steps(), steps, resets, event);
        return new Run(
                identity,
                new RunState.Running(event.at()),
                source.input(),
                source.context(),
                steps,
                source.signals(),
                source.attributes(),
                resets,
                Usage.NONE,
                0);
    }

    static Transition move(Work work, Definition to) {
        for (StepState state : work.steps.values()) {
            if (!(state instanceof Open open)) continue;
            Node here = work.node(open);
            Node there = to.nodes().get(open.visit().pointer());
            if (there == null || !there.getClass().equals(here.getClass())) {
                throw Problem.of(
                                Code.SL2021,
                                "the run is at " + open.visit().pointer() + ", and revision " + to.revision()
                                        + (there == null ? " has no such step" : " has a step of another kind there"))
                        .asException();
            }
        }
        work.identity = work.identity.onRevision(to.revision());
        work.note(Kind.RUN_MOVED, "", JsonNodeFactory.instance.objectNode().put("to", to.revision()));
        return work.settle();
    }
}

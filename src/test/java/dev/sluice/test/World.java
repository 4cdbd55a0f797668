package dev.sluice.test;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.Transition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** All runs of one test, their clock, and the one door for every change: {@link #take}. */
final class World {
    /** 2,000,000: minutes of computing. A test that takes in more has a loop without an end. */
    private static final int EVENTS_MAX = 2_000_000;

    final Timeline time;
    final Map<String, JsonNode> secrets = new LinkedHashMap<>();
    final Map<String, LiveRun> runs = new LinkedHashMap<>();
    final Set<Fault> faults = EnumSet.noneOf(Fault.class);
    final ModelScripts models = new ModelScripts();
    final Functions functions = new Functions(this);
    final Shelf shelf = new Shelf(this);
    final Routing routing = new Routing(this);
    final Effects effects = new Effects(this);
    final Machine machine;
    /** Commit after which everything crashes once; 0: none. */
    int crashAfter;
    /** What led to each commit, in order. */
    final List<String> commits = new ArrayList<>();

    private int taken;

    World(Instant start, RetryPolicy policy) {
        this.time = new Timeline(start);
        Secrets known = name -> Optional.ofNullable(secrets.get(name));
        this.machine = new Machine(policy, known);
    }

    void inject(Fault fault, long seed) {
        faults.add(fault);
        if (fault == Fault.ANY_ORDER) time.shuffle(new Random(seed));
    }

    LiveRun start(Definition definition, JsonNode input, LiveRun.StartedBy by) {
        String id = "run-" + (runs.size() + 1);
        Optional<Run.Parent> parent = by == null
                ? Optional.empty()
                : Optional.of(new Run.Parent(by.parent().id(), by.step(), by.attempt(), by.await()));
        return add(new LiveRun(definition, Machine.accept(definition, id, input, parent, time.now()), by));
    }

    private LiveRun add(LiveRun live) {
        runs.put(live.id(), live);
        post(live, new Event.RunStarted(time.now()));
        return live;
    }

    /** A run that stands in the middle of its workflow. */
    LiveRun addFork(LiveRun live) {
        runs.put(live.id(), live);
        post(live, new Event.RearmRequested(time.now()));
        return live;
    }

    /** Puts the event into the inbox of the run. */
    void post(LiveRun live, Event event) {
        time.plan(time.now(), () -> take(live, event));
    }

    /** The run takes the event in; so does it once more where a fault is injected. */
    void take(LiveRun live, Event event) {
        takeOnce(live, event);
        if (!comesAgain(event)) return;
        if (faults.contains(Fault.EVERY_EVENT_TWICE)) takeOnce(live, event);
        if (faults.contains(Fault.EVERY_EVENT_LATE_AGAIN)) {
            Event late = live.late;
            live.late = event;
            if (late != null) takeOnce(live, late);
        }
    }

    private void takeOnce(LiveRun live, Event event) {
        if (++taken > EVENTS_MAX) {
            throw new AssertionError("more than " + EVENTS_MAX + " events in one test; the last one was " + event);
        }
        Transition transition = machine.advance(live.definition, live.run, event);
        if (transition.run() != live.run) live.transcript.add(event);
        commit(live, event, transition);
    }

    void commit(LiveRun live, Event event, Transition transition) {
        boolean changed = transition.run() != live.run;
        boolean hadEnded = live.hasEnded();
        live.run = transition.run();
        live.history.addAll(transition.history());
        for (Effect effect : transition.effects()) {
            if (!live.hasEnded() || !isForTheFuture(effect)) effects.carryOut(live, event, effect);
        }
        if (!hadEnded && live.hasEnded()) shelf.ended(live);
        if (changed) committed(live, event);
    }

    /** What ended needs no task and no wake-up any more: as the orchestrator has it. */
    private static boolean isForTheFuture(Effect effect) {
        return effect instanceof Effect.EnqueueTask
                || effect instanceof Effect.SetTimer
                || effect instanceof Effect.Subscribe
                || effect instanceof Effect.Deliver
                || effect instanceof Effect.LoadItems;
    }

    private void committed(LiveRun live, Event event) {
        commits.add(event.getClass().getSimpleName() + " of " + live.id());
        boolean once = commits.size() == crashAfter;
        if (once || faults.contains(Fault.CRASH_AFTER_EVERY_COMMIT)) crash();
        if (once && comesAgain(event)) post(live, event);
    }

    private void crash() {
        for (LiveRun each : runs.values()) {
            each.run = Stored.reread(each.run);
            for (LiveRun.Pending task : List.copyOf(each.tasks.values())) {
                time.plan(task.at().isAfter(time.now()) ? task.at() : time.now(), task.delivery());
            }
        }
    }

    /** What a queue or a worker may deliver twice. What people and producers send is taken in once, by its id. */
    private static boolean comesAgain(Event event) {
        return switch (event) {
            case Event.RunStarted e -> true;
            case Event.StepSucceeded e -> true;
            case Event.StepFailed e -> true;
            case Event.AttemptStarted e -> true;
            case Event.StepDeferred e -> true;
            case Event.HeartbeatReceived e -> true;
            case Event.TimerElapsed e -> true;
            case Event.ItemsLoaded e -> true;
            case Event.Continued e -> true;
            case Event.ChildEnded e -> true;
            case Event.TaskReturned e -> false;
            case Event.EventArrived e -> false;
            case Event.CancelRequested e -> false;
            case Event.KillRequested e -> false;
            case Event.PauseRequested e -> false;
            case Event.ResumeRequested e -> false;
            case Event.RetryRequested e -> false;
            case Event.RearmRequested e -> false;
            case Event.ResetRequested e -> false;
            case Event.MoveRequested e -> false;
        };
    }

    /** Does all that is due until {@code end}. */
    void runUntil(Instant end) {
        while (time.next(end)) {}
        time.moveTo(end);
    }

    /** Does all that is due at this moment. */
    void settle() {
        runUntil(time.now());
    }
}

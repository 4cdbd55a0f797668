package dev.sluice.test;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The queue, the dispatcher and the scripted functions of a test, in one. */
final class Functions {
    private final World world;
    private final Map<String, FunctionScript> scripts = new LinkedHashMap<>();
    private final Set<Call.Id> delivered = new HashSet<>();
    private final Set<Call.Id> aborted = new HashSet<>();
    final List<Call> calls = new ArrayList<>();

    Functions(World world) {
        this.world = world;
    }

    /** A script that begins anew. */
    FunctionScript script(String function) {
        var script = new FunctionScript();
        scripts.put(function, script);
        return script;
    }

    void enqueue(LiveRun live, Effect.EnqueueTask task) {
        FunctionScript script = scripts.get(task.function());
        if (script == null) {
            throw new AssertionError(task.step() + " calls the function '" + task.function()
                    + "', and this test does not say what it answers. Add: sluice.function(\"" + task.function()
                    + "\").answers(\"{…}\"). Known: " + scripts.keySet());
        }
        var id = new Call.Id(live.id(), task.step(), task.attempt());
        aborted.remove(id);
        Runnable delivery = () -> deliver(live, id, task);
        Instant at = world.time.now().plus(script.queued());
        live.tasks.put(id, new LiveRun.Pending(at, delivery));
        world.time.plan(at, delivery);
        if (world.faults.contains(Fault.EVERY_TASK_TWICE)) world.time.plan(at, delivery);
    }

    void abort(LiveRun live, Effect.AbortTask task) {
        var id = new Call.Id(live.id(), task.step(), task.attempt());
        live.tasks.remove(id);
        aborted.add(id);
    }

    boolean isAborted(Call call) {
        return aborted.contains(call.id());
    }

    private void deliver(LiveRun live, Call.Id id, Effect.EnqueueTask task) {
        if (aborted.contains(id)) return;
        Instant now = world.time.now();
        if (live.run.state() instanceof RunState.Paused) {
            world.take(live, new Event.TaskReturned(task.step(), task.attempt(), now));
            return;
        }
        if (task.tellStart()) world.take(live, new Event.AttemptStarted(task.step(), task.attempt(), now));
        var call = new Call(
                id,
                task.function(),
                task.arguments().tree(),
                task.idempotencyKey(),
                now,
                !delivered.add(id),
                world.models);
        calls.add(call);
        answer(live, call, ask(call), task.limit().isZero() ? VirtualSluice.FUNCTION_TIMEOUT : task.limit());
    }

    private Answer ask(Call call) {
        try {
            Answer answer = scripts.get(call.function()).answer(call);
            return answer.costing(answer.usage.plus(call.used()));
        } catch (ProblemException e) {
            return Answer.of(e.problem()).costing(e.usage().plus(call.used()));
        }
    }

    private void answer(LiveRun live, Call call, Answer answer, Duration limit) {
        boolean inTime = answer.kind != Answer.Kind.LOST && answer.takes.compareTo(limit) <= 0;
        if (!inTime) {
            Problem late = Problem.of(Code.SL4011, "no answer of " + call.function() + " within " + limit)
                    .retry();
            plan(live, call, Answer.of(late), limit);
        }
        if (answer.kind != Answer.Kind.LOST) plan(live, call, answer, answer.takes);
    }

    /** Has the answer arrive {@code wait} from now. */
    void plan(LiveRun live, Call call, Answer answer, Duration wait) {
        Instant at = world.time.now().plus(wait);
        for (int copy = 0; copy < (answer.twice ? 2 : 1); copy++) {
            world.time.plan(at, () -> arrive(live, call, answer, at));
        }
    }

    private void arrive(LiveRun live, Call call, Answer answer, Instant at) {
        live.tasks.remove(call.id());
        String step = call.step();
        int attempt = call.attempt();
        switch (answer.kind) {
            case OUTPUT ->
                world.take(
                        live,
                        new Event.StepSucceeded(step, attempt, Value.of(answer.output), answer.usage, call.at(), at));
            case PROBLEM ->
                world.take(live, new Event.StepFailed(step, attempt, answer.problem, answer.usage, call.at(), at));
            case DEFERRED -> defer(live, call, answer, at);
            case LOST -> {}
        }
    }

    private void defer(LiveRun live, Call call, Answer answer, Instant at) {
        world.take(live, new Event.StepDeferred(call.step(), call.attempt(), answer.heartbeat, answer.usage, at));
        Duration last = Duration.ZERO;
        for (int beat = 1; beat <= answer.beats.count(); beat++) {
            last = answer.beats.every().multipliedBy(beat);
            world.time.plan(at.plus(last), () -> beat(live, call));
        }
        Duration alive = last;
        answer.result.ifPresent(result -> plan(live, call, result, alive.plus(result.takes)));
    }

    void beat(LiveRun live, Call call) {
        world.take(live, new Event.HeartbeatReceived(call.step(), call.attempt(), world.time.now()));
    }
}

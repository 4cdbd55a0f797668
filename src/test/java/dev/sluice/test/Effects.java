package dev.sluice.test;

import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Value;
import java.util.List;

/** Does what the machine wants done. */
final class Effects {
    private record TimerKey(String run, Event.TimerElapsed event) {}

    private final World world;

    Effects(World world) {
        this.world = world;
    }

    /** @param cause the event that led here */
    void carryOut(LiveRun live, Event cause, Effect effect) {
        switch (effect) {
            case Effect.EnqueueTask task -> world.functions.enqueue(live, task);
            case Effect.AbortTask task -> world.functions.abort(live, task);
            case Effect.SetTimer timer ->
                world.time.plan(timer.dueAt(), key(live, timer.event()), () -> world.take(live, timer.event()));
            case Effect.ClearTimer timer -> world.time.forget(key(live, timer.event()));
            case Effect.Deliver deliver -> world.post(live, deliver.event());
            case Effect.KeepItems keep -> live.items.put(keep.step(), keep.chunks());
            case Effect.LoadItems load -> load(live, load);
            case Effect.DropItems drop -> live.items.remove(drop.step());
            case Effect.Subscribe to -> world.routing.subscribe(live, to.step(), to.topics());
            case Effect.Unsubscribe from -> world.routing.unsubscribe(live, from.step(), from.topics());
            case Effect.EmitEvent emit -> world.routing.publish(emit.event(), live);
            case Effect.StartRun start -> start(live, start);
            case Effect.EndChild end -> end(live, end);
            case Effect.Hold hold -> live.held.add(cause);
            case Effect.Release release -> {
                live.held.forEach(event -> world.post(live, event));
                live.held.clear();
            }
        }
    }

    private static TimerKey key(LiveRun live, Event.TimerElapsed event) {
        return new TimerKey(live.id(), event);
    }

    /** The first chunk is in the run itself. */
    private void load(LiveRun live, Effect.LoadItems load) {
        List<Value> chunks = live.items.get(load.step());
        if (chunks == null || chunks.size() < load.chunk()) {
            throw new AssertionError("a defect of Sluice: chunk " + load.chunk() + " of the loop " + load.step()
                    + " is not kept. " + Story.of(live, world));
        }
        world.post(
                live, new Event.ItemsLoaded(load.step(), load.chunk(), chunks.get(load.chunk() - 1), world.time.now()));
    }

    private void start(LiveRun live, Effect.StartRun start) {
        String name = childKey(start.step(), start.attempt());
        LiveRun known = live.children.get(name);
        if (known != null) {
            // Asked for once more after a repair: a child that has ended tells so again.
            if (known.hasEnded()) world.shelf.tellParent(known);
            return;
        }
        Definition child = world.shelf.find(start.namespace(), start.name(), start.version(), start.step());
        live.children.put(
                name,
                world.start(
                        child,
                        start.input().tree(),
                        new LiveRun.StartedBy(live, start.step(), start.attempt(), start.await())));
    }

    private void end(LiveRun live, Effect.EndChild end) {
        LiveRun child = live.children.get(childKey(end.step(), end.attempt()));
        if (child == null) return;
        String reason = "the run " + live.id() + " that had started it ended";
        switch (end.policy()) {
            case CANCEL -> world.post(child, new Event.CancelRequested(reason, world.time.now()));
            case KILL -> world.post(child, new Event.KillRequested(reason, world.time.now()));
            case ABANDON -> {}
        }
    }

    private static String childKey(String step, int attempt) {
        return step + " " + attempt;
    }
}

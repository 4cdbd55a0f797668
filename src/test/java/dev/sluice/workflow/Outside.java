package dev.sluice.workflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What stands outside of one run and will wake it, as its effects made it: the queue, the timers, the routes of events,
 * the runs that it started, the chunks of its loops. Does what the store and the dispatcher are for, in memory.
 */
final class Outside {
    /** Tasks that have no result yet, by {@code step attempt}. */
    final Map<String, Effect.EnqueueTask> tasks = new LinkedHashMap<>();

    /** Attempts whose function promised a result, by {@code step attempt}. */
    final Map<String, Effect.EnqueueTask> promised = new LinkedHashMap<>();

    final List<Effect.SetTimer> timers = new ArrayList<>();
    final Map<String, List<Topic>> subscriptions = new TreeMap<>();

    /** Runs that a step waits for, by {@code step attempt}. */
    final Map<String, Effect.StartRun> children = new LinkedHashMap<>();

    final Map<String, List<Value>> items = new HashMap<>();

    /** Events in the run's own inbox. */
    final Deque<Event> inbox = new ArrayDeque<>();

    final List<Event> held = new ArrayList<>();

    static String attempt(String step, int number) {
        return step + " " + number;
    }

    /** @param event that led to the effects */
    void apply(Event event, List<Effect> effects) {
        spend(event);
        effects.forEach(effect -> apply(event, effect));
    }

    /** What the event came from is used up, whatever the run made of it. */
    private void spend(Event event) {
        switch (event) {
            case Event.TimerElapsed elapsed ->
                timers.removeIf(timer -> timer.event().equals(elapsed));
            case Event.StepSucceeded e -> settled(e.step(), e.attempt());
            case Event.StepFailed e -> settled(e.step(), e.attempt());
            case Event.TaskReturned e -> tasks.remove(attempt(e.step(), e.attempt()));
            case Event.StepDeferred e -> {
                Effect.EnqueueTask task = tasks.remove(attempt(e.step(), e.attempt()));
                if (task != null) promised.put(attempt(e.step(), e.attempt()), task);
            }
            case Event.ChildEnded e -> children.remove(attempt(e.step(), e.attempt()));
            default -> {}
        }
    }

    private void settled(String step, int number) {
        tasks.remove(attempt(step, number));
        promised.remove(attempt(step, number));
    }

    private void apply(Event event, Effect effect) {
        switch (effect) {
            case Effect.EnqueueTask task -> tasks.put(attempt(task.step(), task.attempt()), task);
            case Effect.AbortTask abort -> settled(abort.step(), abort.attempt());
            case Effect.SetTimer timer -> {
                if (timers.stream().noneMatch(t -> t.event().equals(timer.event()))) timers.add(timer);
            }
            case Effect.ClearTimer clear ->
                timers.removeIf(timer -> timer.event().equals(clear.event()));
            case Effect.Deliver deliver -> inbox.add(deliver.event());
            case Effect.KeepItems keep -> items.put(keep.step(), keep.chunks());
            case Effect.LoadItems load ->
                inbox.add(new Event.ItemsLoaded(
                        load.step(), load.chunk(), items.get(load.step()).get(load.chunk() - 1), load.at()));
            case Effect.DropItems drop -> items.remove(drop.step());
            case Effect.Subscribe subscribe -> subscriptions.put(subscribe.step(), subscribe.topics());
            case Effect.Unsubscribe gone -> subscriptions.remove(gone.step());
            case Effect.EmitEvent emit -> {}
            case Effect.StartRun start -> {
                if (start.await()) children.put(attempt(start.step(), start.attempt()), start);
            }
            case Effect.EndChild end -> children.remove(attempt(end.step(), end.attempt()));
            case Effect.Hold hold -> held.add(event);
            case Effect.Release release -> {
                inbox.addAll(held);
                held.clear();
            }
        }
    }

    /** The timer that is due first; of those due at once the one that was set first. */
    Effect.SetTimer firstTimer() {
        return timers.stream()
                .min(java.util.Comparator.comparing(Effect.SetTimer::dueAt))
                .orElseThrow(() -> new AssertionError("no timer is set"));
    }

    /** One line for each thing that will wake the run, sorted: to compare two of these. */
    List<String> wakers() {
        var wakers = new ArrayList<String>();
        tasks.keySet().forEach(task -> wakers.add("task " + task));
        timers.forEach(timer -> wakers.add("timer " + timer.event()));
        subscriptions.forEach((step, topics) -> wakers.add("subscription " + step + " " + topics));
        children.keySet().forEach(child -> wakers.add("child " + child));
        inbox.stream()
                .filter(event -> event instanceof Event.ItemsLoaded)
                .forEach(event -> wakers.add("items " + ((Event.ItemsLoaded) event).step()));
        wakers.sort(null);
        return wakers;
    }
}

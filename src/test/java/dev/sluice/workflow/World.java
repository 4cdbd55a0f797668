package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A world that does with one run what a real one may: delivers results in any order, twice, late or never, loses
 * attempts, fires timers that were taken back. It looks at the run after every event. What a function answers depends
 * on its arguments and the step alone.
 */
final class World {
    private static final int EVENTS_MAX = 30_000;

    /** Timers beyond this are there to be taken back: they never elapse. */
    private static final Duration NEVER = Duration.ofDays(100);

    final Definition definition;
    final Machine machine = new Machine(new RetryPolicy(1_000, Duration.ZERO, 1, Duration.ZERO, 0), Secrets.NONE);
    final Run accepted;
    final List<Event> taken = new ArrayList<>();
    final List<String> entered = new ArrayList<>();
    final Outside outside = new Outside();
    private final RandomGenerator random;
    private final List<Event> due = new ArrayList<>();
    private boolean hurried;
    Run run;

    World(Definition definition, Run run, RandomGenerator random) {
        this.definition = definition;
        this.random = random;
        this.accepted = run;
        this.run = run;
    }

    static World started(Definition definition, RandomGenerator random) {
        var world = new World(definition, Trial.accept(definition, "{n: 1}"), random);
        world.due.add(new Event.RunStarted(Trial.T0));
        return world;
    }

    /** What the run ended with, in one line. */
    String finish() {
        go(EVENTS_MAX);
        assertThat(run.status().isFinal()).as("finished: %s", run.steps()).isTrue();
        assertThat(outside.wakers()).as("left behind").isEmpty();
        // A failed run keeps the items of its loops for a retry.
        if (run.status() == RunStatus.SUCCEEDED)
            assertThat(outside.items).as("left behind").isEmpty();
        return outcome(run);
    }

    /** Takes in so many events, or fewer when the run ends before. */
    World go(int events) {
        for (int i = 0; i < events && !run.status().isFinal(); i++) {
            take(next());
            if (random.nextInt(3) == 0) takeAgain();
        }
        return this;
    }

    /** All timers that are set may elapse from now on. */
    void hurry() {
        hurried = true;
        outside.timers.forEach(timer -> due.add(timer.event()));
    }

    static String outcome(Run run) {
        return run.state() instanceof RunState.Succeeded done
                ? done.output() + " " + run.context()
                : run.status().word();
    }

    private Event next() {
        var listening = List.copyOf(outside.subscriptions.keySet());
        assertThat(due.size() + listening.size())
                .as("what may come, while %s", run.steps())
                .isPositive();
        int pick = random.nextInt(due.size() + listening.size());
        if (pick < due.size()) return due.remove(pick);
        List<Topic> topics = outside.subscriptions.get(listening.get(pick - due.size()));
        Topic topic = topics.get(random.nextInt(topics.size()));
        return new Event.EventArrived(
                Trial.value("{specversion: '1.0', id: 'i', source: 's', type: '" + topic.type() + "', data: 1}"),
                random.nextBoolean(),
                "",
                Trial.T0);
    }

    void take(Event event) {
        String before = run.toString();
        boolean stale = isStale(event);
        Run was = run;
        Transition transition = machine.advance(definition, run, event);
        assertThat(was.toString()).as("the run that was given").isEqualTo(before);
        if (stale) assertThat(transition.run()).as("after %s", event).isSameAs(run);
        take(event, transition);
    }

    void take(Event event, Transition transition) {
        run = transition.run();
        taken.add(event);
        outside.apply(event, transition.effects());
        transition.effects().forEach(this::answer);
        transition.history().stream()
                .filter(entry ->
                        entry.kind() == HistoryEntry.Kind.TASK_QUEUED || entry.kind() == HistoryEntry.Kind.STEP_ENTERED)
                .forEach(entry -> entered.add(entry.step()));
        due.addAll(outside.inbox);
        outside.inbox.clear();
        if (run.state() instanceof RunState.Running || run.state() instanceof RunState.Cancelling)
            assertNothingIsWedged();
    }

    private boolean isStale(Event event) {
        return switch (event) {
            case Event.StepSucceeded e -> isOver(e.step(), e.attempt());
            case Event.StepFailed e -> isOver(e.step(), e.attempt());
            case Event.StepDeferred e -> isOver(e.step(), e.attempt());
            case Event.HeartbeatReceived e -> isOver(e.step(), e.attempt());
            case Event.AttemptStarted e -> isOver(e.step(), e.attempt());
            case Event.ChildEnded e -> !outside.children.containsKey(Outside.attempt(e.step(), e.attempt()));
            case Event.TimerElapsed e ->
                outside.timers.stream().noneMatch(timer -> timer.event().equals(e));
            default -> false;
        };
    }

    private boolean isOver(String step, int attempt) {
        String key = Outside.attempt(step, attempt);
        return !outside.tasks.containsKey(key) && !outside.promised.containsKey(key);
    }

    /** A second delivery, of now or long ago. */
    private void takeAgain() {
        Event event = taken.get(random.nextInt(taken.size()));
        // An event from outside has no second delivery: its sender's id is looked at when it comes in.
        if (!(event instanceof Event.EventArrived)) take(event);
    }

    private void answer(Effect effect) {
        switch (effect) {
            case Effect.EnqueueTask task -> answer(task);
            case Effect.SetTimer timer -> {
                if (hurried || Duration.between(Trial.T0, timer.dueAt()).compareTo(NEVER) < 0) due.add(timer.event());
            }
            case Effect.StartRun start -> {
                if (start.await()) {
                    due.add(new Event.ChildEnded(
                            start.step(), start.attempt(), Trial.value("{child: 1}"), Optional.empty(), Trial.T0));
                }
            }
            default -> {}
        }
    }

    private void answer(Effect.EnqueueTask task) {
        if (task.function().equals("never")) return;
        Instant at = Trial.T0;
        if (task.tellStart() && random.nextBoolean())
            due.add(new Event.AttemptStarted(task.step(), task.attempt(), at));
        switch (random.nextInt(8)) {
            case 0 -> due.add(new Event.StepFailed(task.step(), task.attempt(), Trial.passing(), Usage.NONE, at, at));
            case 1 -> {
                due.add(new Event.StepDeferred(task.step(), task.attempt(), Duration.ZERO, Usage.NONE, at));
                due.add(new Event.HeartbeatReceived(task.step(), task.attempt(), at.plusSeconds(random.nextInt(5))));
                due.add(result(task));
            }
            case 2 -> {
                // Lost, and nobody but a time limit of the step will notice.
                if (!task.tellStart()) due.add(result(task));
                else due.add(new Event.AttemptStarted(task.step(), task.attempt(), at));
            }
            default -> due.add(result(task));
        }
    }

    private static Event result(Effect.EnqueueTask task) {
        Instant at = Trial.T0;
        String visit = task.step().replaceAll("#?!\\d+", "");
        if (task.function().equals("bad") && visit.hashCode() % 2 == 0) {
            return new Event.StepFailed(task.step(), task.attempt(), Trial.lasting(), Usage.NONE, at, at);
        }
        var output = JsonNodeFactory.instance.objectNode().put("f", task.function() + task.arguments());
        return new Event.StepSucceeded(task.step(), task.attempt(), Value.of(output), Usage.NONE, at, at);
    }

    /** What stands outside is what the run would make anew if all of it were lost. */
    private void assertNothingIsWedged() {
        assertThat(Machine.waitsForSomething(run)).isTrue();
        boolean entering = run.steps().values().stream().anyMatch(StepState.Entering.class::isInstance);
        for (String leaf : Machine.leaves(run)) {
            StepState state = run.steps().get(leaf);
            if (state instanceof StepState.Entering) {
                assertThat(due)
                        .anyMatch(
                                e -> e instanceof Event.Continued c && c.step().equals(leaf));
            } else if (state instanceof StepState.AwaitingItems) {
                assertThat(due)
                        .anyMatch(e ->
                                e instanceof Event.ItemsLoaded i && i.step().equals(leaf));
            } else if (state instanceof StepState.Deferred deferred) {
                assertThat(outside.promised)
                        .containsKey(Outside.attempt(leaf, deferred.attempts().number()));
            }
        }
        if (entering) return;
        var anew = new Outside();
        anew.items.putAll(outside.items);
        var rearm = new Event.RearmRequested(Trial.T0);
        anew.apply(rearm, machine.advance(definition, run, rearm).effects());
        anew.inbox.clear();
        assertThat(outside.wakers()).isEqualTo(anew.wakers());
    }
}

package dev.sluice.workflow;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes in a run's events once more, up to the moment before a step was entered. Where the run had been reset by then,
 * so is this one: for that, the moments of those resets are looked for on the way, too.
 */
final class Rewinding {
    private final Machine machine;
    private final Definition definition;
    private final Map<String, Machine.Rewound> found = new HashMap<>();
    private final Map<String, Effect.KeepItems> kept = new LinkedHashMap<>();
    private Run run;
    /** How many of the events have been looked at. */
    private int taken;

    Rewinding(Machine machine, Definition definition, Run accepted) {
        this.machine = machine;
        this.definition = definition;
        this.run = accepted;
    }

    Optional<Machine.Rewound> to(String step, List<Event> events) {
        Set<String> wanted = new LinkedHashSet<>();
        wanted.add(step);
        for (Event event : events) {
            if (event instanceof Event.ResetRequested reset) wanted.add(reset.step());
        }
        for (Event event : events) {
            if (found.containsKey(step)) break;
            taken++;
            for (String key : wanted) {
                if (!found.containsKey(key)) find(key, event);
            }
            decide(event, new Work(definition, machine, run, event.at())).ifPresent(this::goOn);
        }
        return Optional.ofNullable(found.get(step));
    }

    private void find(String step, Event event) {
        var work = new Work(definition, machine, run, event.at());
        work.stopBefore = step;
        Optional<Transition> transition = decide(event, work);
        if (transition.isEmpty() || !work.isStopped()) return;
        Run stopped = transition.get().run();
        var items = new LinkedHashMap<>(kept);
        keep(transition.get(), items);
        items.keySet().removeIf(loop -> !isLoop(stopped.steps().get(loop)));
        found.put(step, new Machine.Rewound(stopped, List.copyOf(items.values()), taken));
    }

    private static boolean isLoop(StepState state) {
        return state instanceof StepState.InFor || state instanceof StepState.AwaitingItems;
    }

    private void goOn(Transition transition) {
        run = transition.run();
        keep(transition, kept);
    }

    private static void keep(Transition transition, Map<String, Effect.KeepItems> items) {
        transition.effects().forEach(effect -> {
            if (effect instanceof Effect.KeepItems loop) items.put(loop.step(), loop);
        });
    }

    private Optional<Transition> decide(Event event, Work work) {
        if (run.state() instanceof RunState.Paused && !Control.reachesPaused(event)) return Optional.empty();
        if (event instanceof Event.ResetRequested reset) {
            return Optional.ofNullable(found.get(reset.step())).map(target -> Control.reset(work, target, reset));
        }
        return Events.take(work, event) ? Optional.of(work.settle()) : Optional.empty();
    }
}

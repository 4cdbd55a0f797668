package dev.sluice.api;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;

import dev.sluice.store.RealStore;
import dev.sluice.store.RunHead;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.DefinitionReader;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.HistoryEntry;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.Transition;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run of a document, event by event, with no Redis. */
final class Story {
    final Definition definition;
    final List<HistoryEntry> history = new ArrayList<>();
    final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);
    Run run;
    private final List<Event> events = new ArrayList<>();

    Story(String rest) {
        definition = new DefinitionReader().read(RealStore.document("w", rest));
        run = Machine.accept(definition, "r", json("{}"), Optional.empty(), T0);
    }

    static Story begun(String rest) {
        return new Story(rest).take(new Event.RunStarted(T0));
    }

    Story take(Event event) {
        return take(event, machine.advance(definition, run, event));
    }

    private Story take(Event event, Transition t) {
        events.add(event);
        run = t.run();
        history.addAll(t.history());
        return this;
    }

    Story succeed(String step, String output) {
        return take(new Event.StepSucceeded(step, 1, Value.of(json(output)), Usage.NONE, T0, T0.plusSeconds(1)));
    }

    Story reset(String step) {
        var event = new Event.ResetRequested(step, Optional.empty(), T0.plusSeconds(9));
        Run accepted = Machine.accept(definition, "r", json("{}"), Optional.empty(), T0);
        var target = machine.rewind(definition, accepted, events, step).orElseThrow();
        return take(event, machine.reset(definition, run, target, event));
    }

    RunHead head() {
        return RunHead.of(run);
    }

    List<Views.Step> steps() {
        return new StepViews(definition, run, history).views(Map.of(), null);
    }

    Views.Step step(String key) {
        return steps().stream().filter(s -> s.step().equals(key)).findFirst().orElseThrow();
    }
}

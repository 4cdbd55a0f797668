package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static dev.sluice.workflow.Trial.passing;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every state against every event: what moves, and that nothing else does. */
class TransitionsTest {
    private static final String WORKFLOW = """
            do:
              - group: { do: [ { a: { call: f } } ] }
              - both: { fork: { branches: [ { b: { call: f } } ] } }
            """;
    private static final String A = "/do/0/group/do/0/a";
    private static final String B = "/do/1/both/fork/branches/0/b";

    /** Every state a run can be in with regard to step A, by name. */
    private static Map<String, Trial> states() {
        var states = new LinkedHashMap<String, Trial>();
        states.put("Accepted", Trial.of(WORKFLOW, "{}"));
        states.put("Running, A Queued(1)", running());
        states.put("Running, A Backoff(1)", running().fail(A, 1, passing()));
        states.put("Running, A Queued(2)", running().fail(A, 1, passing()).elapse(A, 1));
        states.put("Running, A finished", running().succeed(A, 1, "{}"));
        states.put("Succeeded", running().succeed(A, 1, "{}").succeed(B, 1, "{}"));
        states.put("Failed", running().fail(A, 1, lasting()));
        return states;
    }

    private static Trial running() {
        return Trial.started(WORKFLOW, "{}");
    }

    private static Map<String, Event> events() {
        var events = new LinkedHashMap<String, Event>();
        events.put("RunStarted", new Event.RunStarted(T0));
        events.put("StepSucceeded(A, 1)", succeeded(A, 1));
        events.put("StepSucceeded(A, 2)", succeeded(A, 2));
        events.put("StepFailed(A, 1) passing", failed(1, passing()));
        events.put("StepFailed(A, 1) lasting", failed(1, lasting()));
        events.put("StepFailed(A, 2) passing", failed(2, passing()));
        events.put("BackoffElapsed(A, 1)", new Event.BackoffElapsed(A, 1, T0));
        events.put("BackoffElapsed(A, 2)", new Event.BackoffElapsed(A, 2, T0));
        events.put("StepSucceeded(sequence)", succeeded("/do/0/group", 1));
        events.put("StepSucceeded(fork)", succeeded("/do/1/both", 1));
        events.put("StepSucceeded(unknown)", succeeded("/do/9/z", 1));
        return events;
    }

    private static Event succeeded(String step, int attempt) {
        return new Event.StepSucceeded(step, attempt, json("{}"), new Usage(1, 1, 1), T0, T0);
    }

    private static Event failed(int attempt, Problem problem) {
        return new Event.StepFailed(A, attempt, problem, new Usage(1, 1, 1), T0, T0);
    }

    private static String name(Run run) {
        String state = run.state().getClass().getSimpleName();
        if (!(run.state() instanceof RunState.Running)) return state;
        return switch (run.steps().get(A)) {
            case null -> state + ", A finished";
            case StepState.Queued q -> state + ", A Queued(" + q.attempt() + ")";
            case StepState.Backoff b -> state + ", A Backoff(" + b.attempt() + ")";
            case StepState.InSequence s -> throw new AssertionError(s);
            case StepState.InFork f -> throw new AssertionError(f);
            case StepState.Joined j -> throw new AssertionError(j);
        };
    }

    @Test
    void theseAreAllTransitionsThereAre() {
        var moves = new StringBuilder();
        states().forEach((state, trial) -> events().forEach((event, e) -> {
            Run after = trial.machine.advance(trial.definition, trial.run, e).run();
            if (after != trial.run) {
                moves.append(state + " + " + event + " -> " + name(after)).append('\n');
            }
        }));
        assertThat(moves).hasToString("""
                Accepted + RunStarted -> Running, A Queued(1)
                Running, A Queued(1) + StepSucceeded(A, 1) -> Running, A finished
                Running, A Queued(1) + StepFailed(A, 1) passing -> Running, A Backoff(1)
                Running, A Queued(1) + StepFailed(A, 1) lasting -> Failed
                Running, A Backoff(1) + BackoffElapsed(A, 1) -> Running, A Queued(2)
                Running, A Queued(2) + StepSucceeded(A, 2) -> Running, A finished
                Running, A Queued(2) + StepFailed(A, 2) passing -> Running, A Backoff(2)
                """);
    }

    @Test
    void whatChangesNothingHasNoEffectsAndNoHistoryEither() {
        states().forEach((state, trial) -> events().forEach((event, e) -> {
            Transition transition = trial.machine.advance(trial.definition, trial.run, e);
            if (transition.run() == trial.run) {
                assertThat(transition)
                        .as(state + " + " + event)
                        .isEqualTo(new Transition(trial.run, List.of(), List.of()));
            }
        }));
    }

    @Test
    void theLastResultOfAForkEndsTheRun() {
        var trial = running().succeed(A, 1, "{}");
        trial.take(succeeded(B, 1));
        assertThat(trial.run.state()).isInstanceOf(RunState.Succeeded.class);
    }

    @Test
    void everyEventAboutAStepIsAChangeInExactlyOnePlaceOfItsLife() {
        for (Event event : List.of(succeeded(A, 1), new Event.RunStarted(T0), new Event.BackoffElapsed(A, 1, T0))) {
            long changes = states().values().stream()
                    .filter(t -> t.machine.advance(t.definition, t.run, event).run() != t.run)
                    .count();
            assertThat(changes).as(event.toString()).isEqualTo(1);
        }
    }
}

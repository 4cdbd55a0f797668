package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.T0;
import static dev.sluice.workflow.Trial.json;
import static dev.sluice.workflow.Trial.lasting;
import static dev.sluice.workflow.Trial.passing;
import static dev.sluice.workflow.Trial.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every state of a run and of a call against every event: what moves, and that nothing else does. */
class TransitionsTest {
    private static final String WORKFLOW = """
            do:
              - guarded:
                  try: [ { a: { call: f, metadata: { attemptsMax: 3, startToClose: PT9S, heartbeat: PT5S } } } ]
                  catch: { errors: { with: { type: 'urn:sluice:cancelled' } }, do: [ { clean: { call: g } } ] }
              - b: { call: f }
            """;
    private static final String A = "/do/0/guarded/try/0/a";

    /** Every state a run can be in with regard to step A, by name. */
    private static Map<String, Trial> states() {
        var states = new LinkedHashMap<String, Trial>();
        states.put("Accepted", Trial.of(WORKFLOW, "{}"));
        states.put("Running, A Queued(1)", running());
        states.put("Running, A Queued(1) started", running().take(started()));
        states.put("Running, A Deferred(1)", running().take(deferred()));
        states.put("Running, A Backoff(1)", running().fail(A, 1, passing()));
        states.put("Running, A Queued(2)", running().fail(A, 1, passing()).elapse());
        states.put("Running, A finished", running().succeed(A, 1, "{}"));
        states.put("Paused", running().take(new Event.PauseRequested(T0)));
        states.put("Cancelling", running().take(new Event.CancelRequested("", T0)));
        states.put("Succeeded", running().succeed(A, 1, "{}").succeed("/do/1/b", 1, "{}"));
        states.put("Failed", running().fail(A, 1, lasting()));
        states.put("Cancelled", running().take(new Event.KillRequested("", T0)));
        return states;
    }

    private static Trial running() {
        return Trial.started(WORKFLOW, "{}");
    }

    private static Event started() {
        return new Event.AttemptStarted(A, 1, T0);
    }

    private static Event deferred() {
        return new Event.StepDeferred(A, 1, Duration.ZERO, Usage.NONE, T0);
    }

    private static Map<String, Event> events() {
        var events = new LinkedHashMap<String, Event>();
        events.put("RunStarted", new Event.RunStarted(T0));
        events.put("StepSucceeded(A, 1)", succeeded(A, 1));
        events.put("StepSucceeded(A, 2)", succeeded(A, 2));
        events.put("StepFailed(A, 1) passing", failed(1, passing()));
        events.put("StepFailed(A, 1) lasting", failed(1, lasting()));
        events.put("StepFailed(A, 2) passing", failed(2, passing()));
        events.put("AttemptStarted(A, 1)", started());
        events.put("StepDeferred(A, 1)", deferred());
        events.put("HeartbeatReceived(A, 1)", new Event.HeartbeatReceived(A, 1, T0.plusSeconds(1)));
        events.put("TaskReturned(A, 1)", new Event.TaskReturned(A, 1, T0));
        for (var timer : Event.Timer.values()) {
            Instant at =
                    T0.plusSeconds(timer == Event.Timer.ATTEMPT_TIMEOUT ? 9 : timer == Event.Timer.BACKOFF ? 1 : 5);
            events.put(timer + "(A, 1)", new Event.TimerElapsed(timer, A, 1, at));
        }
        events.put("ItemsLoaded(A)", new Event.ItemsLoaded(A, 1, value("[]"), T0));
        events.put("Continued(A)", new Event.Continued(A, T0));
        events.put("ChildEnded(A, 1)", new Event.ChildEnded(A, 1, Value.NULL, java.util.Optional.empty(), T0));
        events.put("StepSucceeded(try)", succeeded("/do/0/guarded", 1));
        events.put("StepSucceeded(unknown)", succeeded("/do/9/z", 1));
        events.put("CancelRequested", new Event.CancelRequested("", T0));
        events.put("KillRequested", new Event.KillRequested("", T0));
        events.put("PauseRequested", new Event.PauseRequested(T0));
        events.put("ResumeRequested", new Event.ResumeRequested(T0));
        events.put("RetryRequested", new Event.RetryRequested(T0));
        return events;
    }

    private static Event succeeded(String step, int attempt) {
        return new Event.StepSucceeded(step, attempt, value("{}"), new Usage(1, 1, 1), T0, T0);
    }

    private static Event failed(int attempt, Problem problem) {
        return new Event.StepFailed(A, attempt, problem, new Usage(1, 1, 1), T0, T0);
    }

    private static String name(Run run) {
        String state = run.state().getClass().getSimpleName();
        if (!(run.state() instanceof RunState.Running)) return state;
        StepState a = run.steps().get(A);
        if (a == null) return state + ", A finished";
        var call = (StepState.Calling) a;
        boolean begun =
                call instanceof StepState.Queued queued && queued.startedAt().isPresent();
        return state + ", A " + a.getClass().getSimpleName() + "("
                + call.attempts().number() + ")" + (begun ? " started" : "");
    }

    @Test
    void theStatesAreWhatTheirNamesSay() {
        states().forEach((name, trial) -> assertThat(name(trial.run)).isEqualTo(name));
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
                Accepted + CancelRequested -> Cancelled
                Accepted + KillRequested -> Cancelled
                Running, A Queued(1) + StepSucceeded(A, 1) -> Running, A finished
                Running, A Queued(1) + StepFailed(A, 1) passing -> Running, A Backoff(1)
                Running, A Queued(1) + StepFailed(A, 1) lasting -> Failed
                Running, A Queued(1) + AttemptStarted(A, 1) -> Running, A Queued(1) started
                Running, A Queued(1) + StepDeferred(A, 1) -> Running, A Deferred(1)
                Running, A Queued(1) + TaskReturned(A, 1) -> Running, A Queued(1)
                Running, A Queued(1) + CancelRequested -> Cancelling
                Running, A Queued(1) + KillRequested -> Cancelled
                Running, A Queued(1) + PauseRequested -> Paused
                Running, A Queued(1) started + StepSucceeded(A, 1) -> Running, A finished
                Running, A Queued(1) started + StepFailed(A, 1) passing -> Running, A Backoff(1)
                Running, A Queued(1) started + StepFailed(A, 1) lasting -> Failed
                Running, A Queued(1) started + StepDeferred(A, 1) -> Running, A Deferred(1)
                Running, A Queued(1) started + TaskReturned(A, 1) -> Running, A Queued(1)
                Running, A Queued(1) started + ATTEMPT_TIMEOUT(A, 1) -> Running, A Backoff(1)
                Running, A Queued(1) started + CancelRequested -> Cancelling
                Running, A Queued(1) started + KillRequested -> Cancelled
                Running, A Queued(1) started + PauseRequested -> Paused
                Running, A Deferred(1) + StepSucceeded(A, 1) -> Running, A finished
                Running, A Deferred(1) + StepFailed(A, 1) passing -> Running, A Backoff(1)
                Running, A Deferred(1) + StepFailed(A, 1) lasting -> Failed
                Running, A Deferred(1) + HeartbeatReceived(A, 1) -> Running, A Deferred(1)
                Running, A Deferred(1) + HEARTBEAT_TIMEOUT(A, 1) -> Running, A Backoff(1)
                Running, A Deferred(1) + CancelRequested -> Cancelling
                Running, A Deferred(1) + KillRequested -> Cancelled
                Running, A Deferred(1) + PauseRequested -> Paused
                Running, A Backoff(1) + BACKOFF(A, 1) -> Running, A Queued(2)
                Running, A Backoff(1) + CancelRequested -> Cancelling
                Running, A Backoff(1) + KillRequested -> Cancelled
                Running, A Backoff(1) + PauseRequested -> Paused
                Running, A Queued(2) + StepSucceeded(A, 2) -> Running, A finished
                Running, A Queued(2) + StepFailed(A, 2) passing -> Running, A Backoff(2)
                Running, A Queued(2) + CancelRequested -> Cancelling
                Running, A Queued(2) + KillRequested -> Cancelled
                Running, A Queued(2) + PauseRequested -> Paused
                Running, A finished + CancelRequested -> Cancelled
                Running, A finished + KillRequested -> Cancelled
                Running, A finished + PauseRequested -> Paused
                Paused + CancelRequested -> Cancelling
                Paused + KillRequested -> Cancelled
                Paused + ResumeRequested -> Running, A Queued(1)
                Cancelling + KillRequested -> Cancelled
                Failed + RetryRequested -> Running, A Queued(2)
                """);
    }

    @Test
    void whatChangesNothingHasNoEffectsAndNoHistoryEither() {
        states().forEach((state, trial) -> events().forEach((event, e) -> {
            Transition transition = trial.machine.advance(trial.definition, trial.run, e);
            boolean held = trial.run.state() instanceof RunState.Paused && !Control.reachesPaused(e);
            if (transition.run() == trial.run) {
                assertThat(transition)
                        .as(state + " + " + event)
                        .isEqualTo(new Transition(trial.run, held ? List.of(new Effect.Hold()) : List.of(), List.of()));
            }
        }));
    }

    @Test
    void everyResultOfAnAttemptIsAChangeInOnePlaceOfItsLifeOnly() {
        for (String event :
                List.of("RunStarted", "StepSucceeded(A, 2)", "BACKOFF(A, 1)", "RetryRequested", "ResumeRequested")) {
            long changes = states().values().stream()
                    .filter(t -> t.machine
                                    .advance(t.definition, t.run, events().get(event))
                                    .run()
                            != t.run)
                    .count();
            assertThat(changes).as(event).isEqualTo(1);
        }
    }

    @Test
    void theLastResultEndsTheRun() {
        assertThat(running().succeed(A, 1, "{}").succeed("/do/1/b", 1, "[1]").output())
                .isEqualTo(json("[1]"));
    }
}

package dev.sluice.workflow;

import dev.sluice.workflow.StepState.Open;
import java.time.Duration;
import java.time.Instant;

/**
 * A step as it is when time had stood still for a while: a person had the run go on, and what was waited for is as far
 * away as it was before.
 */
final class Later {
    private final Duration pause;

    private Later(Duration pause) {
        this.pause = pause;
    }

    static StepState by(Duration pause, StepState state) {
        return state instanceof Open open ? new Later(pause).of(open) : state;
    }

    private Open of(Open open) {
        Visit visit = of(open.visit());
        return switch (open) {
            case StepState.Entering s -> new StepState.Entering(visit);
            case StepState.InSequence s -> new StepState.InSequence(visit, s.child(), s.rounds());
            case StepState.InFork s -> new StepState.InFork(visit, s.branches(), s.open());
            case StepState.InFor s -> new StepState.InFor(visit, s.index(), s.count(), s.items());
            case StepState.AwaitingItems s -> new StepState.AwaitingItems(visit, s.index(), s.count(), s.input());
            case StepState.Trying s ->
                new StepState.Trying(
                        visit,
                        s.attempt(),
                        of(s.startedAt()),
                        s.attemptTimeoutAt().map(this::of));
            case StepState.Retrying s -> new StepState.Retrying(visit, s.attempt(), of(s.startedAt()), of(s.dueAt()));
            case StepState.Handling s -> new StepState.Handling(visit, s.error());
            case StepState.Extended s -> new StepState.Extended(visit, s.phase(), s.output(), s.flow());
            case StepState.Invoking s -> new StepState.Invoking(visit);
            case StepState.Calling s -> of(s, visit);
            case StepState.Waiting s -> new StepState.Waiting(visit, of(s.dueAt()));
            case StepState.Listening s ->
                new StepState.Listening(
                        visit,
                        s.consumed(),
                        s.matched(),
                        s.stopped(),
                        s.correlations(),
                        s.waiting(),
                        s.outputs(),
                        s.topics(),
                        s.ending(),
                        s.iterating());
            case StepState.AwaitingRun s -> new StepState.AwaitingRun(visit, s.arguments(), s.attempt());
        };
    }

    private StepState.Calling of(StepState.Calling calling, Visit visit) {
        return switch (calling) {
            case StepState.Queued s ->
                new StepState.Queued(
                        visit,
                        s.arguments(),
                        s.attempts(),
                        of(s.queuedAt()),
                        s.startedAt().map(this::of));
            case StepState.Backoff s -> new StepState.Backoff(visit, s.arguments(), s.attempts(), of(s.dueAt()));
            case StepState.Deferred s ->
                new StepState.Deferred(
                        visit,
                        s.arguments(),
                        s.attempts(),
                        s.heartbeat(),
                        s.dueAt().map(this::of));
        };
    }

    private Visit of(Visit visit) {
        return visit.timeoutAt().map(at -> visit.until(of(at))).orElse(visit);
    }

    private Instant of(Instant at) {
        return at.plus(pause);
    }
}

package dev.sluice.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What happened, in the past tense: the input of the machine. A repeated or late event changes nothing. Steps are named
 * by the key of their visit ({@link Visit#key}).
 */
public sealed interface Event {

    /** When it happened, by the clock of whoever saw it. */
    Instant at();

    /** About one attempt of a call. */
    sealed interface OfAttempt extends Event {
        String step();

        /** From 1. */
        int attempt();
    }

    /** What a person asks of the run, or a program in a person's place. */
    sealed interface Request extends Event {}

    record RunStarted(Instant at) implements Event {}

    /** @param startedAt when the attempt was sent to the function */
    record StepSucceeded(String step, int attempt, Value output, Usage usage, Instant startedAt, Instant at)
            implements OfAttempt {}

    /** One attempt failed; whether the step did is for the machine to decide. */
    record StepFailed(String step, int attempt, Problem problem, Usage usage, Instant startedAt, Instant at)
            implements OfAttempt {}

    /** A dispatcher has taken the task. Told only where a time limit of the step needs it. */
    record AttemptStarted(String step, int attempt, Instant at) implements OfAttempt {}

    /** The function will send the result later. @param heartbeat longest silence; zero: the step's own setting */
    record StepDeferred(String step, int attempt, Duration heartbeat, Usage usage, Instant at) implements OfAttempt {}

    record HeartbeatReceived(String step, int attempt, Instant at) implements OfAttempt {}

    /** A dispatcher gave the task back untouched, because the run was paused. */
    record TaskReturned(String step, int attempt, Instant at) implements OfAttempt {}

    /** What a timer was set for. */
    enum Timer {
        /** The wait before the next attempt of a call. */
        BACKOFF,
        /** The wait before the next attempt of a {@code try}. */
        RETRY,
        WAIT,
        /** {@code timeout.after} of a step: schedule-to-close. */
        STEP_TIMEOUT,
        /** {@code retry.limit.attempt.duration}, for one attempt of a {@code try}. */
        TRY_TIMEOUT,
        /** schedule-to-start of an attempt. */
        START_TIMEOUT,
        /** start-to-close of an attempt. */
        ATTEMPT_TIMEOUT,
        HEARTBEAT_TIMEOUT,
        /** {@code timeout.after} of the workflow; the step is empty. */
        RUN_TIMEOUT
    }

    /** @param attempt the one that the timer was set for; 0 where none is meant */
    record TimerElapsed(Timer timer, String step, int attempt, Instant at) implements Event {}

    /** The next {@link StepState.InFor#CHUNK} items of a loop. @param chunk from 0 */
    record ItemsLoaded(String step, int chunk, Value items, Instant at) implements Event {}

    /** Go on after many steps without a pause. */
    record Continued(String step, Instant at) implements Event {}

    /**
     * A CloudEvent for this run's {@code listen} steps.
     *
     * @param event the whole envelope, in the JSON event format
     * @param signal sent to this run by name: kept until a step listens for it
     * @param step the only step that may take it; empty: any
     */
    record EventArrived(Value event, boolean signal, String step, Instant at) implements Event {}

    /** A run that {@code step} had started has ended. @param problem empty when it succeeded */
    record ChildEnded(String step, int attempt, Value output, Optional<Problem> problem, Instant at) implements Event {}

    /** By a person: stop, and let {@code catch} clean up. */
    record CancelRequested(String reason, Instant at) implements Request {}

    /** By a person: stop at once. */
    record KillRequested(String reason, Instant at) implements Request {}

    record PauseRequested(Instant at) implements Request {}

    record ResumeRequested(Instant at) implements Request {}

    /** By a person: a failed run goes on from where it failed. */
    record RetryRequested(Instant at) implements Request {}

    /** Whatever wakes the run's steps is made anew: after a reset or a fork, and as a repair. */
    record RearmRequested(Instant at) implements Request {}

    /**
     * By a person: the run goes back to the moment before {@code step}. Taken in by {@link Machine#reset}.
     *
     * @param input what the step gets in place of what it had
     */
    record ResetRequested(String step, Optional<Value> input, Instant at) implements Request {}

    /** By a person: the run goes on with another revision of its workflow. Taken in by {@link Machine#move}. */
    record MoveRequested(String revision, Instant at) implements Request {}
}

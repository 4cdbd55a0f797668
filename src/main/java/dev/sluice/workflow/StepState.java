package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where one visit of a step stands. A finished step has no state: what it did is in the history, so that a run of
 * 10,000 steps is not larger than one of 10.
 *
 * <pre>
 * Holders: have others inside                     Leaves: have something outside that wakes them
 *   InSequence   one child at a time                Entering   an event in the inbox
 *   InFork       all branches                       Queued     a task
 *   InFor        one round at a time                Backoff    a timer, then Queued again
 *   Trying       the steps under `try`              Deferred   a token that a function holds, and a heartbeat timer
 *   Handling     the steps under `catch.do`         Waiting    a timer
 *   Extended     before, the step itself, after     Retrying   a timer, then Trying again
 *   Invoking     a function of `use.functions`      Listening  a subscription (with `foreach`: holds its steps, too)
 *                                                   AwaitingRun  a run that was started
 *                                                   AwaitingItems  an event in the inbox
 * Joined: a branch that finished and waits for the others.
 * </pre>
 *
 * Whether a queued task is with a function at this moment is known to the queue alone ({@code docs/decisions/0002}).
 */
public sealed interface StepState {

    /** A step that has not finished. */
    sealed interface Open extends StepState {
        Visit visit();
    }

    /** A step that something outside moves on; see {@link Rearming} for what that is. */
    sealed interface Leaf extends Open {}

    /** To be entered by the next event of the run: after a reset, a fork or 1,000 steps without a pause. */
    record Entering(Visit visit) implements Leaf {}

    /**
     * @param child index of the step under way
     * @param rounds how often a {@code then} led back
     */
    record InSequence(Visit visit, int child, int rounds) implements Open {
        InSequence moveTo(int next) {
            return new InSequence(visit, next, next <= child ? rounds + 1 : rounds);
        }
    }

    /** @param branches keys of the branches' visits, in the order of the document; @param open how many run */
    record InFork(Visit visit, List<String> branches, int open) implements Open {
        InFork join() {
            return new InFork(visit, branches, open - 1);
        }
    }

    /**
     * A branch that finished and waits for the others. Its own entry, so that a wide fork does not rewrite all outputs.
     */
    record Joined(Value output) implements StepState {}

    /**
     * @param index of the item under way, from 0
     * @param count of all items
     * @param items those of the chunk that {@code index} is in; the others are kept apart from the run
     */
    record InFor(Visit visit, int index, int count, Value items) implements Open {
        /** 100: some ten KB of items are read again for each event of the loop; 1,000 chunks make 100,000 items. */
        static final int CHUNK = 100;

        JsonNode item() {
            return items.tree().path(index % CHUNK);
        }

        InFor next() {
            return new InFor(visit, index + 1, count, items);
        }
    }

    /** The next chunk of items is on its way; @param input what the next round begins with */
    record AwaitingItems(Visit visit, int index, int count, Value input) implements Leaf {}

    /**
     * @param attempt of the whole block, from 1
     * @param startedAt when the first attempt began
     */
    record Trying(Visit visit, int attempt, Instant startedAt, Optional<Instant> attemptTimeoutAt) implements Open {}

    /** @param attempt the one that failed */
    record Retrying(Visit visit, int attempt, Instant startedAt, Instant dueAt) implements Leaf {
        Trying again(Optional<Instant> timeoutAt) {
            return new Trying(visit, attempt + 1, startedAt, timeoutAt);
        }
    }

    /** @param error what was caught, as expressions see it */
    record Handling(Visit visit, Value error) implements Open {}

    /**
     * @param phase -1 before, 0 the step itself, 1 after; 2: the step itself, and nothing comes after
     * @param output what the step itself gave, null until then
     * @param flow where it leads, as {@link Flow#word} has it
     */
    record Extended(Visit visit, int phase, Value output, String flow) implements Open {}

    record Invoking(Visit visit) implements Open {}

    /**
     * How far the attempts of one call have come.
     *
     * @param number of the attempt, from 1
     * @param costMicros so far
     * @param waits how many of the attempts were told to come back later, which use up none of {@code attemptsMax}
     */
    record Attempts(int number, Instant firstAt, long costMicros, int waits) {
        Attempts next() {
            return new Attempts(number + 1, firstAt, costMicros, waits);
        }

        Attempts paid(long micros) {
            return new Attempts(number, firstAt, costMicros + micros, waits);
        }

        Attempts waited() {
            return new Attempts(number, firstAt, costMicros, waits + 1);
        }

        /** Attempts that count. */
        int counted() {
            return number - waits;
        }
    }

    /** A call of a function, in whatever state. */
    sealed interface Calling extends Leaf {
        /** What the function gets; stored, so that every attempt asks for the same. */
        Value arguments();

        Attempts attempts();
    }

    /** @param startedAt when a dispatcher took the task; only told where a time limit needs it */
    record Queued(Visit visit, Value arguments, Attempts attempts, Instant queuedAt, Optional<Instant> startedAt)
            implements Calling {}

    record Backoff(Visit visit, Value arguments, Attempts attempts, Instant dueAt) implements Calling {}

    /**
     * The function has answered that the result comes later.
     *
     * @param heartbeat longest silence; zero: none is asked for
     * @param dueAt when the silence has lasted too long
     */
    record Deferred(Visit visit, Value arguments, Attempts attempts, Duration heartbeat, Optional<Instant> dueAt)
            implements Calling {}

    record Waiting(Visit visit, Instant dueAt) implements Leaf {}

    /**
     * @param consumed what the events were read as, in the order of their arrival: a JSON array
     * @param matched indices of the filters of {@code all} that have had their event
     * @param stopped the same for the filters under {@code until}
     * @param correlations values that later events must have, too
     * @param waiting events that {@code foreach} has not come to: a JSON array
     * @param outputs what {@code foreach} made of the events so far: a JSON array
     * @param topics what the run was subscribed to for this step
     * @param ending no more events are wanted; the waiting ones are still worked off
     */
    record Listening(
            Visit visit,
            Value consumed,
            List<Integer> matched,
            List<Integer> stopped,
            Map<String, JsonNode> correlations,
            Value waiting,
            Value outputs,
            List<Topic> topics,
            boolean ending,
            boolean iterating)
            implements Leaf {}

    /** @param attempt from 1: the run of each attempt has an id of its own */
    record AwaitingRun(Visit visit, Value arguments, int attempt) implements Leaf {}
}

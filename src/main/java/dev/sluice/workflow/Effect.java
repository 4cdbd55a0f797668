package dev.sluice.workflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What the machine wants done, in the same commit that stores the new run. */
public sealed interface Effect {

    /**
     * Ask {@code function} for one attempt of {@code step}.
     *
     * @param idempotencyKey the same for every attempt of this visit
     * @param limit start-to-close; zero: the function's own setting
     * @param tellStart the run needs to know when the attempt begins
     * @param budget what its calls of models may cost
     */
    record EnqueueTask(
            String step,
            int attempt,
            String function,
            Value arguments,
            String idempotencyKey,
            Duration limit,
            boolean tellStart,
            Budget budget)
            implements Effect {}

    /** The attempt is not wanted any more: close its connection, so that it stops costing. */
    record AbortTask(String step, int attempt) implements Effect {}

    /** Put {@code event} into the inbox at {@code dueAt}. */
    record SetTimer(Instant dueAt, Event.TimerElapsed event) implements Effect {
        SetTimer(Instant dueAt, Event.Timer timer, String step, int attempt) {
            this(dueAt, new Event.TimerElapsed(timer, step, attempt, dueAt));
        }
    }

    /** Forget the timer that was set with the same event. */
    record ClearTimer(Event.TimerElapsed event) implements Effect {
        ClearTimer(Instant dueAt, Event.Timer timer, String step, int attempt) {
            this(new Event.TimerElapsed(timer, step, attempt, dueAt));
        }
    }

    /** Put {@code event} into this run's own inbox. */
    record Deliver(Event.Continued event) implements Effect {}

    /** Keep the items of a loop apart from the run, {@link StepState.InFor#CHUNK} a chunk, the first left out. */
    record KeepItems(String step, List<Value> chunks) implements Effect {}

    /** Put {@link Event.ItemsLoaded} with that chunk into the inbox. */
    record LoadItems(String step, int chunk, Instant at) implements Effect {}

    /** Forget the chunks of a loop. @param chunks how many there were */
    record DropItems(String step, int chunks) implements Effect {}

    /** Route events of these topics to the run, from now on. @param topics see {@link Topic} */
    record Subscribe(String step, List<Topic> topics) implements Effect {}

    record Unsubscribe(String step, List<Topic> topics) implements Effect {}

    /** Publish a CloudEvent. @param event in the JSON event format */
    record EmitEvent(ObjectNode event) implements Effect {}

    /** What becomes of a run when the one that started it ends otherwise than by success. */
    enum ClosePolicy {
        CANCEL,
        KILL,
        ABANDON
    }

    /**
     * Start a run of another workflow, once for each attempt of the step.
     *
     * @param version {@code latest} or a version
     * @param await tell the step when it ends
     */
    record StartRun(String step, int attempt, String namespace, String name, String version, Value input, boolean await)
            implements Effect {}

    /** End the run that {@code step} started. */
    record EndChild(String step, int attempt, ClosePolicy policy) implements Effect {}

    /** Keep the event that led here until the run is resumed. */
    record Hold() implements Effect {}

    /** Put the events that were held back into the inbox, in their order. */
    record Release() implements Effect {}
}

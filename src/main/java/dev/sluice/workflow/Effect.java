package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** What the machine wants done, in the same commit that stores the new run. */
public sealed interface Effect {

    /** Ask {@code function} for one attempt of {@code step}. */
    record EnqueueTask(String step, int attempt, String function, JsonNode arguments) implements Effect {}

    /** Put {@code event} into the inbox at {@code dueAt}. */
    record SetTimer(Instant dueAt, Event.BackoffElapsed event) implements Effect {}
}

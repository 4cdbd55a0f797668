package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** What happened, in the past tense: the input of the machine. A repeated or late event changes nothing. */
public sealed interface Event {

    /** When it happened, by the clock of whoever saw it. */
    Instant at();

    record RunStarted(Instant at) implements Event {}

    /**
     * @param step JSON pointer
     * @param startedAt when the attempt was sent to the function
     */
    record StepSucceeded(String step, int attempt, JsonNode output, Usage usage, Instant startedAt, Instant at)
            implements Event {}

    /** One attempt failed; whether the step did is for the machine to decide. */
    record StepFailed(String step, int attempt, Problem problem, Usage usage, Instant startedAt, Instant at)
            implements Event {}

    /** @param attempt the one that failed before the wait */
    record BackoffElapsed(String step, int attempt, Instant at) implements Event {}
}

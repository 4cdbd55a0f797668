package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * What a function says about an attempt, whether it answers at once or sends it later.
 *
 * @param failed {@code data} is a problem; else it is the output
 */
public record StepResult(boolean failed, JsonNode data, Usage usage) {
    /** {@code ce-type} of a failure. */
    public static final String FAILED = "dev.sluice.step.failed.v1";

    /** {@code ce-type} of an answer that says that the result comes later. */
    public static final String DEFERRED = "dev.sluice.step.deferred.v1";

    public Event event(String step, int attempt, Instant startedAt, Instant at) {
        return failed
                ? new Event.StepFailed(step, attempt, Problem.fromJson(data), usage, startedAt, at)
                : new Event.StepSucceeded(step, attempt, Value.of(data), usage, startedAt, at);
    }

    /**
     * Reads {@code ce-sluicetokensin}, {@code ce-sluicetokensout} and {@code ce-sluicecostmicros}.
     *
     * @param headers gives null for one that is not there
     * @throws NumberFormatException naming the header that is not a whole number
     */
    public static Usage usage(UnaryOperator<String> headers) {
        return new Usage(
                number(headers, "ce-sluicetokensin"),
                number(headers, "ce-sluicetokensout"),
                number(headers, "ce-sluicecostmicros"));
    }

    private static long number(UnaryOperator<String> headers, String name) {
        String value = headers.apply(name);
        try {
            return value == null ? 0 : Math.max(0, Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw new NumberFormatException("its header " + name + " is not a whole number: '" + value + "'");
        }
    }
}

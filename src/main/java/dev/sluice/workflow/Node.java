package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One step of a compiled definition. The tree of nodes is immutable and shared by all runs of a revision. */
public sealed interface Node {

    Header header();

    default String pointer() {
        return header().pointer();
    }

    /**
     * What every kind of step has.
     *
     * @param pointer JSON pointer into the document, for example {@code /do/1/analyze/fork/branches/0/classify}
     * @param parent pointer of the enclosing step; empty for the workflow's own {@code do}
     * @param index position among the parent's children, from 0
     * @param name as written in the document; empty for the lists that belong to a step ({@code try}, {@code catch.do})
     * @param source the step's definition as it stands in the document; null for such lists
     * @param described pointer of the step that {@code $task} tells about: for the steps of an extension the one that
     *     they extend
     * @param condition {@code if}: the step is skipped when it gives false or null
     * @param timeout {@code timeout.after}
     * @param then where the enclosing list goes on
     * @param attributes search attributes that the run gets from the output, by name
     */
    record Header(
            String pointer,
            String parent,
            int index,
            String name,
            JsonNode source,
            String described,
            Optional<Template> condition,
            Data data,
            Optional<Template> timeout,
            Flow then,
            Map<String, Template> attributes) {
        static Header list(String pointer, String parent) {
            return new Header(
                    pointer,
                    parent,
                    0,
                    "",
                    null,
                    "",
                    Optional.empty(),
                    Data.NONE,
                    Optional.empty(),
                    Flow.CONTINUE,
                    Map.of());
        }
    }

    /** How data goes in and out: {@code input}, {@code output} and {@code export}. */
    record Data(
            Optional<InputSchema> inputSchema,
            Optional<Template> inputFrom,
            Optional<Template> outputAs,
            Optional<InputSchema> outputSchema,
            Optional<Template> exportAs,
            Optional<InputSchema> exportSchema) {
        static final Data NONE = new Data(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** One child after the other; each one's output is the next one's input. @param loops a {@code then} leads back */
    record Sequence(Header header, List<Node> children, boolean loops) implements Node {}

    /** All branches at once; the output is the array of theirs, or that of the first one to finish. */
    record Fork(Header header, List<Node> branches, boolean compete) implements Node {}

    /** Asks a function. */
    record Call(Header header, String function, Template arguments, Limits limits) implements Node {}

    /**
     * Bounds of one call, from {@code metadata}; empty: the function's own, or none.
     *
     * @param attempts at most so many; empty: {@link RetryPolicy#DEFAULT}
     * @param costMicros no further attempt once the attempts have cost so much, in micro-dollars
     * @param budgetMicros calls of models for this step may cost so much, in place of {@link Budget#step}
     * @param scheduleToStart from the queue to the beginning of an attempt
     * @param startToClose from the beginning of an attempt to its result
     * @param heartbeat longest silence of a deferred attempt
     */
    record Limits(
            OptionalInt attempts,
            OptionalLong costMicros,
            OptionalLong budgetMicros,
            Optional<Duration> scheduleToStart,
            Optional<Duration> startToClose,
            Optional<Duration> heartbeat) {
        boolean needsStart() {
            return scheduleToStart.isPresent() || startToClose.isPresent();
        }
    }

    /** A step of {@code use.functions} or of a catalog. @param with its input; empty: the call's own input */
    record Invoke(Header header, Optional<Template> with, Node body) implements Node {}

    /** A step with what {@code use.extensions} puts around it. The extended step has the flow and condition of both. */
    record Extension(
            Header header, Optional<Template> when, Optional<Sequence> before, Node target, Optional<Sequence> after)
            implements Node {}

    /** Makes data. */
    record Set(Header header, Template value) implements Node {}

    record Switch(Header header, List<Case> cases) implements Node {}

    /** @param when empty: taken when no other case is */
    record Case(Optional<Template> when, Flow then) {}

    /** @param each name of the variable with the item; @param at that with its index */
    record For(Header header, String each, String at, Template in, Optional<Template> condition, Sequence body)
            implements Node {}

    record Try(Header header, Sequence body, Catch caught) implements Node {}

    /** @param filter members that the error must have; @param as name of the variable with the error */
    record Catch(
            JsonNode filter,
            String as,
            Optional<Template> when,
            Optional<Template> exceptWhen,
            Optional<RetryRule> retry,
            Optional<Sequence> handler) {}

    record Raise(Header header, Template error) implements Node {}

    record Wait(Header header, Template duration) implements Node {}

    record Emit(Header header, Template event) implements Node {}

    /** @param approval what a person is asked, from {@code metadata.approval}; empty: no person is */
    record Listen(Header header, Consumption to, Read read, Optional<Foreach> foreach, Optional<Template> approval)
            implements Node {}

    enum Read {
        DATA,
        ENVELOPE,
        RAW
    }

    /** What is done with each event that a {@code listen} takes. */
    record Foreach(String item, String at, Sequence body, Data data) {}

    record RunWorkflow(
            Header header,
            String namespace,
            String name,
            String version,
            Optional<Template> input,
            boolean await,
            Effect.ClosePolicy closePolicy)
            implements Node {}
}

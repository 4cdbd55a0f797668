package dev.sluice.workflow;

import java.util.List;
import java.util.Optional;

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
     * @param name as written in the document
     * @param condition {@code if}: the step is skipped when it gives false or null
     */
    record Header(
            String pointer,
            String parent,
            int index,
            String name,
            Optional<Template> condition,
            Optional<Template> inputFrom,
            Optional<Template> outputAs,
            Optional<Template> exportAs) {}

    /** One child after the other; each one's output is the next one's input. */
    record Sequence(Header header, List<Node> children) implements Node {}

    /** All branches at once; the output is the array of theirs, in the order of the document. */
    record Fork(Header header, List<Node> branches) implements Node {}

    /** Asks a function. */
    record Call(Header header, String function, Template arguments) implements Node {}

    /** Makes data. */
    record Set(Header header, Template value) implements Node {}
}

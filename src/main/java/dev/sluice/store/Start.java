package dev.sluice.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.Partition;
import dev.sluice.store.Runs.Acceptance;
import dev.sluice.workflow.Run;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run to be accepted.
 *
 * @param cause why it starts by itself, see {@link Runs#cause}
 * @param isNamed whether its id follows from a key: then a run of that id with another input is not the same
 */
public record Start(Run run, Optional<ObjectNode> cause, boolean isNamed) {
    /** 128 runs of 16 KiB at most are 2 MiB, some 5 ms of Redis: others wait no longer for their turn. */
    public static final int GROUP_MAX = 128;

    /**
     * Starts of one partition, which Redis takes in one step.
     *
     * @param depthMax runs are refused where so much waits; empty: none is
     */
    public record Group(Partition partition, List<Start> starts, OptionalLong depthMax) {}

    /** @param each what became of each start, in their order; @param depth of the partition afterwards */
    public record Taken(List<Acceptance> each, long depth) {}
}

package dev.sluice.queue;

import java.util.List;

/**
 * What came of an {@link Ask}.
 *
 * @param next lanes that are next in turn
 */
public record Taken(List<Delivery> deliveries, List<LaneName> next, Rest rest) {

    /** What is left in the lanes of the function. */
    public enum Rest {
        NOTHING,
        SOMETHING,
        /** Something whose lanes were not known; they are now. */
        UNKNOWN,
        /** Another dispatcher has the partition. */
        FENCED
    }
}

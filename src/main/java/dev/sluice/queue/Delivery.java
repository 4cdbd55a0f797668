package dev.sluice.queue;

/**
 * A task in the hands of a dispatcher: a pending entry of its lane, under a lease.
 *
 * @param count delivery count: 1, and 1 more for every dispatcher that was lost with it
 */
public record Delivery(Place place, Task task, long count) {

    public Partition partition() {
        return place.partition();
    }

    /** Redis' id of the entry. */
    public String entryId() {
        return place.entryId();
    }

    /** On whose behalf, see {@link LaneName#tenant}. */
    public String tenant() {
        return place.lane().tenant();
    }

    /** The same with what a function is to show to resources that a limit guards, see {@link Task#fence}. */
    public Delivery fenced(long fence) {
        return new Delivery(place, task.with(task.limits(), fence), count);
    }
}

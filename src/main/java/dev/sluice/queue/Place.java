package dev.sluice.queue;

/**
 * Where a task is.
 *
 * @param entryId Redis' id of its entry in the lane
 */
public record Place(Partition partition, LaneName lane, String entryId) {

    /** {@code <entry id> <lane>}, unique within the partition */
    public String text() {
        return entryId + " " + lane.text();
    }

    /** Key of the lane. */
    public String key() {
        return Keys.lane(partition, lane);
    }

    /** @throws IllegalArgumentException when {@code text} is not one */
    public static Place parse(Partition partition, String text) {
        int space = text.indexOf(' ');
        if (space < 0) throw new IllegalArgumentException("not the place of a task: " + text);
        return new Place(partition, LaneName.parse(text.substring(space + 1)), text.substring(0, space));
    }

    /** {@code <partition> <entry id> <lane>}, unique among all partitions */
    public String name() {
        return partition.tag() + " " + text();
    }

    /** @throws IllegalArgumentException when {@code name} is not one */
    static Place ofName(String name) {
        int space = name.indexOf(' ');
        if (space < 0) throw new IllegalArgumentException("not the place of a task: " + name);
        return parse(Partition.parse(name.substring(0, space)), name.substring(space + 1));
    }
}

package dev.sluice.queue;

/**
 * A task in the hands of a dispatcher: a pending entry of its lane.
 *
 * @param entryId Redis' id of the entry
 * @param count delivery count: how often the entry was handed out, this time included
 */
public record Delivery(Partition partition, String entryId, Task task, long count) {}

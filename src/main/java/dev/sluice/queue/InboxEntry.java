package dev.sluice.queue;

/**
 * @param entryId Redis' id; removed by the commit that takes the event in
 * @param event JSON, see {@code store.EventCodec}
 * @param data packed payload of the event; empty when it has none
 */
public record InboxEntry(String entryId, String run, String event, String data) {}

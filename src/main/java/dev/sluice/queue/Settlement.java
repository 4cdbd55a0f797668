package dev.sluice.queue;

/**
 * How a delivery ends.
 *
 * @param event JSON for the run's inbox, see {@code store.EventCodec}; empty when there is nothing to tell the run
 * @param data packed payload of the event
 */
public record Settlement(Delivery delivery, String event, String data) {

    /** Nobody waits for the task any more. */
    public static Settlement dropped(Delivery delivery) {
        return new Settlement(delivery, "", "");
    }
}

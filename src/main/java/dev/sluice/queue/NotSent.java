package dev.sluice.queue;

/** No server has got the command, so that it may be sent again, whatever it is. */
final class NotSent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotSent(String reason) {
        super(reason);
    }

    NotSent(String reason, Throwable cause) {
        super(reason, cause);
    }
}

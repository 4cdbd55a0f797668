package dev.sluice.inference;

/** Whoever read a streamed answer has closed the connection. */
final class ReaderGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    ReaderGone() {
        super("the reader of a streamed answer went away", null, false, false);
    }
}

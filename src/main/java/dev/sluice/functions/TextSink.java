package dev.sluice.functions;

import java.io.InterruptedIOException;
import java.io.Writer;

/** Collects text up to a limit. A reader should stop as soon as the sink is full; what still comes is dropped. */
final class TextSink extends Writer {
    private final StringBuilder text = new StringBuilder();
    private final int charactersMax;
    private boolean truncated;

    TextSink(int charactersMax) {
        this.charactersMax = charactersMax;
    }

    /**
     * @throws InterruptedIOException when the reading was given up on: a parser that writes text thereby ends in time
     */
    @Override
    public void write(char[] buffer, int offset, int length) throws InterruptedIOException {
        checkStillWanted();
        int room = charactersMax - text.length();
        int taken = Math.min(length, room);
        if (taken > 0 && taken < length && Character.isHighSurrogate(buffer[offset + taken - 1])) taken--;
        text.append(buffer, offset, taken);
        truncated |= taken < length;
    }

    /** The same as {@link #write(String)}, for readers that do no I/O. */
    void put(CharSequence more) throws InterruptedIOException {
        char[] characters = more.toString().toCharArray();
        write(characters, 0, characters.length);
    }

    /** Starts a new line unless one has just been started. */
    void newLine() throws InterruptedIOException {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') put("\n");
    }

    boolean isFull() {
        return truncated || text.length() >= charactersMax;
    }

    boolean truncated() {
        return truncated;
    }

    /** For a reader that stops early, because the sink is full, while the document goes on. */
    void markTruncated() {
        truncated = true;
    }

    static void checkStillWanted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) throw new InterruptedIOException("reading was given up on");
    }

    @Override
    public String toString() {
        return text.toString();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

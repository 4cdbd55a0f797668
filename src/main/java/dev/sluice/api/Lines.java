package dev.sluice.api;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Cuts what comes in pieces into lines, each ended by a line feed or by the end. Not for use by several threads. */
final class Lines {
    private final int bytesMax;
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();
    private long number = 1;
    private long length;

    /**
     * @param number from 1
     * @param text without the line feed; null when it was longer than may be
     * @param length in bytes, also of a line that was too long
     */
    record Line(long number, byte[] text, long length) {}

    Lines(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** @return the lines that end in this piece */
    List<Line> take(byte[] piece) {
        var lines = new ArrayList<Line>();
        int from = 0;
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] != '\n') continue;
            add(piece, from, i);
            lines.add(cut());
            from = i + 1;
        }
        add(piece, from, piece.length);
        return lines;
    }

    /** @return the last line, unless nothing came after the last line feed */
    List<Line> end() {
        return length == 0 ? List.of() : List.of(cut());
    }

    /** What is beyond the bound is counted and dropped. */
    private void add(byte[] piece, int from, int to) {
        length += to - from;
        if (length <= bytesMax) open.write(piece, from, to - from);
        else open.reset();
    }

    private Line cut() {
        var line = new Line(number++, length <= bytesMax ? open.toByteArray() : null, length);
        open.reset();
        length = 0;
        return line;
    }
}

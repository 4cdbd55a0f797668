package dev.sluice.dispatch;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * As much of the wire format of Protocol Buffers as KEDA's external scaler needs: a message is fields, each a tag
 * (number, times 8, plus the kind) and a value.
 */
final class Proto {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final Buffer bytes = Buffer.buffer();

    /** Of kinds bool and int64; zero is not written, as the format has it. */
    Proto number(int field, long value) {
        if (value == 0) return this;
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    Proto real(int field, double value) {
        if (value == 0) return this;
        varint((long) field << 3 | FIXED64);
        bytes.appendLongLE(Double.doubleToRawLongBits(value));
        return this;
    }

    Proto text(int field, String value) {
        return bytes(field, Buffer.buffer(value));
    }

    Proto message(int field, Proto value) {
        return bytes(field, value.bytes);
    }

    private Proto bytes(int field, Buffer value) {
        varint((long) field << 3 | BYTES);
        varint(value.length());
        bytes.appendBuffer(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.appendByte((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.appendByte((byte) rest);
    }

    Buffer buffer() {
        return bytes;
    }

    /**
     * The fields of a message that are texts or messages; of a field that comes again all, in their order. Others are
     * skipped.
     *
     * @throws IllegalArgumentException when it is no message
     */
    static Map<Integer, List<Buffer>> read(Buffer message) {
        var fields = new TreeMap<Integer, List<Buffer>>();
        var at = new Reader(message);
        while (at.position < message.length()) {
            long tag = at.varint();
            switch ((int) (tag & 7)) {
                case VARINT -> at.varint();
                case FIXED64 -> at.bytes(8);
                case FIXED32 -> at.bytes(4);
                case BYTES ->
                    fields.computeIfAbsent((int) (tag >>> 3), each -> new ArrayList<>())
                            .add(at.bytes(at.varint()));
                default -> throw new IllegalArgumentException("a field of kind " + (tag & 7));
            }
        }
        return fields;
    }

    /** Field {@code field} of {@code fields} as text; "" when it is not there. */
    static String text(Map<Integer, List<Buffer>> fields, int field) {
        var values = fields.get(field);
        return values == null ? "" : values.getLast().toString(StandardCharsets.UTF_8);
    }

    private static final class Reader {
        /** 10 bytes of 7 bits hold any number. */
        private static final int VARINT_BITS_MAX = 70;

        private final Buffer message;
        private int position;

        Reader(Buffer message) {
            this.message = message;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < VARINT_BITS_MAX; shift += 7) {
                byte next = bytes(1).getByte(0);
                value |= (long) (next & 0x7F) << shift;
                if (next >= 0) return value;
            }
            throw new IllegalArgumentException("a number of more than 10 bytes");
        }

        Buffer bytes(long length) {
            if (length < 0 || length > message.length() - position) {
                throw new IllegalArgumentException("the message is cut off");
            }
            Buffer slice = message.getBuffer(position, position + (int) length);
            position += (int) length;
            return slice;
        }
    }
}

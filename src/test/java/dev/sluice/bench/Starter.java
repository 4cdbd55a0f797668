package dev.sluice.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Sends the same POST again and again, over connections that are kept alive, one request at a time on each. Bytes that
 * were made once and a reader that looks for three things, because the processor time of the generator counts among
 * that of a run. For one event loop.
 */
final class Starter implements AutoCloseable {
    /** Of the empty line after the headers. */
    private static final int HEAD_END_BYTES = 4;

    /** Where it stands in a header or the body, each request has a number of its own; 26 digits, as in a run's id. */
    static final String NUMBER = "0".repeat(26);

    /** Of a body in chunks; a stream of events has it nowhere else, for its events end with two line feeds. */
    private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /**
     * @param status 0: there was no answer
     * @param location empty when the answer has none
     * @param text of the body, or why there was no answer; empty for a 2xx
     */
    record Answer(int status, String location, String text) {}

    private final NetClient net;
    private final int port;
    private final Buffer request;

    /** Of the number's last digit in the request; -1: it has none. */
    private final int numberEnd;

    /** Of all starters: what one has sent, another does not send again. */
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final ArrayDeque<Connection> idle = new ArrayDeque<>();

    /** @param headers {@code name: value} each */
    Starter(Vertx vertx, int port, String path, String body, String... headers) {
        this.net = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        this.port = port;
        String text = "POST " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port
                + "\r\ncontent-type: application/json\r\ncontent-length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n"
                + Arrays.stream(headers).map(header -> header + "\r\n").collect(Collectors.joining()) + "\r\n" + body;
        this.request = Buffer.buffer(text);
        int at = text.indexOf(NUMBER);
        this.numberEnd =
                at < 0 ? -1 : text.substring(0, at + NUMBER.length()).getBytes(StandardCharsets.UTF_8).length - 1;
    }

    private Buffer next() {
        if (numberEnd < 0) return request;
        Buffer numbered = request.copy();
        int at = numberEnd;
        for (long left = NUMBERS.incrementAndGet(); left > 0; left /= 10)
            numbered.setByte(at--, (byte) ('0' + left % 10));
        return numbered;
    }

    /** @param then gets the answer, with status 0 and a reason when there is none */
    void post(Consumer<Answer> then) {
        Connection connection = idle.poll();
        if (connection != null) {
            connection.send(then);
            return;
        }
        net.connect(port, "127.0.0.1")
                .onSuccess(socket -> new Connection(socket).send(then))
                .onFailure(e -> then.accept(new Answer(0, "", e.toString())));
    }

    private final class Connection {
        private final NetSocket socket;
        private Buffer received = Buffer.buffer();
        private Consumer<Answer> waiting;

        /** What is known of an answer whose body comes in chunks; null when there is none. */
        private Answer inChunks;

        Connection(NetSocket socket) {
            this.socket = socket;
            socket.handler(this::read);
            socket.closeHandler(closed -> end("the connection was closed"));
            socket.exceptionHandler(e -> end(e.toString()));
        }

        void send(Consumer<Answer> then) {
            waiting = then;
            socket.write(next());
        }

        private void read(Buffer chunk) {
            received.appendBuffer(chunk);
            if (inChunks == null) begin();
            else if (isLastChunk()) answered(inChunks);
        }

        private void begin() {
            byte[] bytes = received.getBytes();
            int head = headEnd(bytes);
            if (head < 0) return;
            String headers = new String(bytes, 0, head, StandardCharsets.ISO_8859_1);
            int status = Integer.parseInt(headers.substring(9, 12));
            String length = header(headers, "content-length");
            if (length.isEmpty() && header(headers, "transfer-encoding").equals("chunked")) {
                inChunks = new Answer(status, "", "");
                if (isLastChunk()) answered(inChunks);
                return;
            }
            if (length.isEmpty()) {
                socket.close();
                end("an answer without content-length: " + headers);
                return;
            }
            int whole = head + HEAD_END_BYTES + Integer.parseInt(length);
            if (bytes.length < whole) return;
            String text = status / 100 == 2 ? "" : new String(bytes, head, whole - head, StandardCharsets.UTF_8);
            answered(new Answer(status, header(headers, "location"), text.strip()));
        }

        private boolean isLastChunk() {
            int from = received.length() - LAST_CHUNK.length;
            if (from < 0) return false;
            for (int i = 0; i < LAST_CHUNK.length; i++) {
                if (received.getByte(from + i) != LAST_CHUNK[i]) return false;
            }
            return true;
        }

        private void answered(Answer answer) {
            Consumer<Answer> then = waiting;
            waiting = null;
            inChunks = null;
            received = Buffer.buffer();
            idle.push(this);
            then.accept(answer);
        }

        private void end(String why) {
            idle.remove(this);
            Consumer<Answer> then = waiting;
            waiting = null;
            if (then != null) then.accept(new Answer(0, "", why));
        }
    }

    /** @param name in lower case @return empty when there is none */
    private static String header(String headers, String name) {
        for (int at = headers.indexOf('\n'); at >= 0; at = headers.indexOf('\n', at + 1)) {
            if (!headers.regionMatches(true, at + 1, name + ":", 0, name.length() + 1)) continue;
            int end = headers.indexOf('\r', at);
            return headers.substring(at + name.length() + 2, end < 0 ? headers.length() : end)
                    .strip();
        }
        return "";
    }

    /** @return -1 when the headers are not whole */
    private static int headEnd(byte[] bytes) {
        for (int i = 0; i + HEAD_END_BYTES <= bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') return i;
        }
        return -1;
    }

    @Override
    public void close() {
        net.close();
    }
}

package dev.sluice.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Sends the same POST again and again, over connections that are kept alive, one request at a time on each. Bytes that
 * were made once and a reader that looks for three things, because the processor time of the generator counts among
 * that of a run. For one event loop.
 */
final class Starter implements AutoCloseable {
    /** Of the empty line after the headers. */
    private static final int HEAD_END_BYTES = 4;

    /**
     * @param status 0: there was no answer
     * @param location empty when the answer has none
     * @param text of the body, or why there was no answer; empty for a 202
     */
    record Answer(int status, String location, String text) {}

    private final NetClient net;
    private final int port;
    private final Buffer request;
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();

    Starter(Vertx vertx, int port, String path, String body) {
        this.net = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        this.port = port;
        this.request = Buffer.buffer("POST " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port
                + "\r\ncontent-type: application/json\r\ncontent-length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
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

        Connection(NetSocket socket) {
            this.socket = socket;
            socket.handler(this::read);
            socket.closeHandler(closed -> end("the connection was closed"));
            socket.exceptionHandler(e -> end(e.toString()));
        }

        void send(Consumer<Answer> then) {
            waiting = then;
            socket.write(request);
        }

        private void read(Buffer chunk) {
            received.appendBuffer(chunk);
            byte[] bytes = received.getBytes();
            int head = headEnd(bytes);
            if (head < 0) return;
            String headers = new String(bytes, 0, head, StandardCharsets.ISO_8859_1);
            String length = header(headers, "content-length");
            if (length.isEmpty()) {
                socket.close();
                end("an answer without content-length: " + headers);
                return;
            }
            int whole = head + HEAD_END_BYTES + Integer.parseInt(length);
            if (bytes.length < whole) return;
            received = Buffer.buffer();
            int status = Integer.parseInt(headers.substring(9, 12));
            String text = status == 202 ? "" : new String(bytes, head, whole - head, StandardCharsets.UTF_8);
            answered(new Answer(status, header(headers, "location"), text.strip()));
        }

        private void answered(Answer answer) {
            Consumer<Answer> then = waiting;
            waiting = null;
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

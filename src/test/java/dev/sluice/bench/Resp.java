package dev.sluice.bench;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Redis' protocol, version 2, over one connection: as little as can be between the socket and the figure. */
final class Resp implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int ANSWER_MILLIS_MAX = 30_000;

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int end;

    Resp(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_MILLIS_MAX);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        in = socket.getInputStream();
    }

    /** @param url {@code redis://:<password>@127.0.0.1:<port>/0} */
    static Resp open(String url) throws IOException {
        URI address = URI.create(url);
        var redis = new Resp(address.getPort());
        redis.call("AUTH", address.getUserInfo().substring(1));
        return redis;
    }

    /** Sends one command and reads its reply: String, Long, List or null. */
    Object call(String... command) throws IOException {
        write(command);
        flush();
        return read();
    }

    /** Sent with the next {@link #flush}. */
    void write(String... command) throws IOException {
        write(List.of(command));
    }

    void write(List<String> command) throws IOException {
        out.write(encoded(command));
    }

    /** @param command as {@link #encoded} */
    void write(byte[] command) throws IOException {
        out.write(command);
    }

    static byte[] encoded(List<String> command) {
        var text = new StringBuilder().append('*').append(command.size()).append("\r\n");
        for (String part : command) {
            text.append('$')
                    .append(part.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
            text.append(part).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    void flush() throws IOException {
        out.flush();
    }

    /** @throws IOException with the text of an error reply, too */
    Object read() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.valueOf(rest);
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> array(Integer.parseInt(rest));
            default -> throw new IOException(line);
        };
    }

    private String bulk(int length) throws IOException {
        if (length < 0) return null;
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            if (next == end) fill();
            int part = Math.min(length - at, end - next);
            System.arraycopy(buffer, next, bytes, at, part);
            next += part;
            at += part;
        }
        skipLineEnd();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private List<Object> array(int length) throws IOException {
        if (length < 0) return null;
        var all = new ArrayList<Object>(length);
        for (int i = 0; i < length; i++) all.add(read());
        return all;
    }

    private String line() throws IOException {
        var text = new StringBuilder();
        for (char c = (char) one(); c != '\r'; c = (char) one()) text.append(c);
        one();
        return text.toString();
    }

    private void skipLineEnd() throws IOException {
        one();
        one();
    }

    private byte one() throws IOException {
        if (next == end) fill();
        return buffer[next++];
    }

    private void fill() throws IOException {
        next = 0;
        end = in.read(buffer);
        if (end <= 0) {
            end = 0;
            throw new EOFException("Redis closed the connection");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

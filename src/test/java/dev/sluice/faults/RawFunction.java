package dev.sluice.faults;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A function below HTTP: it reads requests as they should be, and says to each whatever bytes a test wants, or closes
 * the connection, or is silent. One virtual thread a connection.
 */
public final class RawFunction implements AutoCloseable {
    /** @param headers names in lower case */
    public record Request(Map<String, String> headers, String body) {
        public String header(String name) {
            return headers.get(name);
        }
    }

    /** What a function does with a request once it has read it. */
    @FunctionalInterface
    public interface Misdeed {
        /** @return true to read the next request on this connection, false to close it */
        boolean answer(Request request, OutputStream out, InputStream in) throws IOException;
    }

    /** Every request that came whole, in the order of its end. */
    public final List<Request> received = new CopyOnWriteArrayList<>();

    /** Connections that a caller has open now. */
    public final AtomicInteger open = new AtomicInteger();

    /** Null, or what is said to whoever connects, before any request. */
    private final byte[] greeting;

    private final Misdeed misdeed;
    private final ServerSocket server;

    public RawFunction(Misdeed misdeed) {
        this(misdeed, null);
    }

    private RawFunction(Misdeed misdeed, byte[] greeting) {
        this.misdeed = misdeed;
        this.greeting = greeting;
        try {
            server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Says these bytes to whoever connects, and then takes in whatever comes without a word. */
    public static RawFunction greeting(String bytes) {
        return new RawFunction(null, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Says these bytes to every request and keeps the connection. */
    public static Misdeed saying(String bytes) {
        return (request, out, in) -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return true;
        };
    }

    /** Says these bytes to every request and closes the connection. */
    public static Misdeed breakingOffAfter(String bytes) {
        return (request, out, in) -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return false;
        };
    }

    /** Says these bytes, and nothing more as long as the caller waits. */
    public static Misdeed fallingSilentAfter(String bytes) {
        return (request, out, in) -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return in.read() >= 0;
        };
    }

    /** A whole answer with this body, and its head as {@code headers} has it. */
    public static String http(int status, String headers, String body) {
        return "HTTP/1.1 " + status + " Whatever\r\n" + headers + "content-length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n\r\n" + body;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // The server was closed.
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            var in = new BufferedInputStream(client.getInputStream());
            if (greeting != null) {
                client.getOutputStream().write(greeting);
                in.transferTo(OutputStream.nullOutputStream());
                return;
            }
            for (Request request = read(in); request != null; request = read(in)) {
                received.add(request);
                if (!misdeed.answer(request, client.getOutputStream(), in)) return;
            }
        } catch (IOException e) {
            // The caller has gone.
        } finally {
            open.decrementAndGet();
        }
    }

    /** Null at the end. */
    private static Request read(InputStream in) throws IOException {
        if (line(in) == null) return null;
        var headers = new HashMap<String, String>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') return line.toString().strip();
            line.append((char) c);
        }
        return null;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

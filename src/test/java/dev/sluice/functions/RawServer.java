package dev.sluice.functions;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server below HTTP: it says some bytes to whoever connects, and then waits, or breaks off. */
public final class RawServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Thread thread;
    private final String said;
    private final boolean breaksOff;

    /** Down once the first request has come. */
    final CountDownLatch reached = new CountDownLatch(1);

    /** Down once a client has closed its connection. */
    final CountDownLatch closed = new CountDownLatch(1);

    private RawServer(int port, String said, boolean breaksOff) throws IOException {
        this.said = said;
        this.breaksOff = breaksOff;
        socket = new ServerSocket(port, 10, InetAddress.getLoopbackAddress());
        thread = Thread.ofVirtual().start(this::serve);
    }

    /** Says this and nothing more, and keeps the connection. */
    public static RawServer waiting(String said) throws IOException {
        return waitingAt(0, said);
    }

    static RawServer waitingAt(int port, String said) throws IOException {
        return new RawServer(port, said, false);
    }

    /** Says this and closes the connection. */
    static RawServer breakingOff(String said) throws IOException {
        return new RawServer(0, said, true);
    }

    public String url(String path) {
        return "http://127.0.0.1:" + socket.getLocalPort() + path;
    }

    public boolean isReached() throws InterruptedException {
        return reached.await(20, TimeUnit.SECONDS);
    }

    public boolean isClosedWithin(int seconds) throws InterruptedException {
        return closed.await(seconds, TimeUnit.SECONDS);
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                InputStream in = client.getInputStream();
                if (in.read(new byte[64 * 1024]) < 0) continue;
                reached.countDown();
                client.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
                client.getOutputStream().flush();
                while (!breaksOff && in.read() >= 0) Thread.onSpinWait();
            } catch (IOException reset) {
                // As good as a close.
            }
            if (!breaksOff && reached.getCount() == 0) closed.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        thread.interrupt();
    }
}

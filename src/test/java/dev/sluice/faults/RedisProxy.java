package dev.sluice.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Stands between a process and its Redis. It counts the commands that write, and at one of them has the process killed:
 * before Redis gets the command, or when Redis has answered it and the process has not had the answer. It cuts all
 * connections, or holds back what goes either way.
 */
public final class RedisProxy implements AutoCloseable {
    private static final Set<String> WRITES = Set.of(
            "EVAL", "EVALSHA", "XADD", "XDEL", "XREADGROUP", "XAUTOCLAIM", "HSET", "HSETNX", "SADD", "SET", "SETNX");

    private final ServerSocket server;
    private final int redisPort;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cut = new AtomicInteger();
    private Predicate<String> counts = command -> true;
    private int writes;
    private int fatal;
    private boolean afterwards;
    private Runnable kill = () -> {};
    private boolean dead;
    private volatile long delayNanos;

    /** A command as it came, and its name. */
    private record Command(byte[] bytes, String name) {
        String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    public RedisProxy(int redisPort) throws IOException {
        this.redisPort = redisPort;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** @param fatal number of the write, from 1, counted from now on; 0: none */
    public synchronized void arm(int fatal, boolean afterwards, Runnable kill) {
        arm(fatal, afterwards, command -> true, kill);
    }

    /** @param counts by the whole command as it is sent: which writes count */
    public synchronized void arm(int fatal, boolean afterwards, Predicate<String> counts, Runnable kill) {
        this.counts = counts;
        this.writes = 0;
        this.fatal = fatal;
        this.afterwards = afterwards;
        this.kill = kill;
        this.dead = false;
    }

    public synchronized int writes() {
        return writes;
    }

    public synchronized boolean hasKilled() {
        return dead;
    }

    /** Closes every connection that is open now; new ones are taken. */
    public void cut() {
        links.forEach(link -> {
            link.close();
            cut.incrementAndGet();
        });
    }

    /** Connections cut so far. */
    public int hasCut() {
        return cut.get();
    }

    /** Each command, and each piece of an answer, is passed on that much later. */
    public void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                connect(client);
            } catch (IOException e) {
                // The proxy was closed, or the process that connected is gone.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            var link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), redisPort));
            links.add(link);
            Thread.ofVirtual().start(link::toRedis);
            Thread.ofVirtual().start(link::toClient);
        } catch (IOException e) {
            // Redis is away: the process must learn it.
            client.close();
        }
    }

    private void holdBack() {
        if (delayNanos > 0) LockSupport.parkNanos(delayNanos);
    }

    private final class Link {
        private final Socket client;
        private final Socket redis;
        /** True when the fatal command is on its way to Redis on this connection. */
        private volatile boolean doomed;

        Link(Socket client, Socket redis) {
            this.client = client;
            this.redis = redis;
        }

        void close() {
            try (client;
                    redis) {
                links.remove(this);
            } catch (IOException e) {
                // It was closed already.
            }
        }

        void toRedis() {
            try (client;
                    redis) {
                var in = new BufferedInputStream(client.getInputStream());
                OutputStream out = redis.getOutputStream();
                for (Command command = read(in); command != null; command = read(in)) {
                    if (!mayPass(command)) return;
                    holdBack();
                    out.write(command.bytes());
                    out.flush();
                }
            } catch (IOException e) {
                // One side is gone; the other is closed with it.
            } finally {
                links.remove(this);
            }
        }

        private boolean mayPass(Command command) {
            synchronized (RedisProxy.this) {
                if (dead) return false;
                if (!WRITES.contains(command.name()) || !counts.test(command.text())) return true;
                if (++writes != fatal) return true;
                if (afterwards) {
                    doomed = true;
                    return true;
                }
                die();
                return false;
            }
        }

        void toClient() {
            try (client;
                    redis) {
                InputStream in = redis.getInputStream();
                OutputStream out = client.getOutputStream();
                var buffer = new byte[64 * 1024];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (doomed) {
                        synchronized (RedisProxy.this) {
                            die();
                        }
                        return;
                    }
                    holdBack();
                    out.write(buffer, 0, n);
                    out.flush();
                }
            } catch (IOException e) {
                // As above.
            }
        }
    }

    private void die() {
        if (dead) return;
        dead = true;
        kill.run();
    }

    /** One array of bulk strings (RESP2), which is how clients send commands; null at the end. */
    private static Command read(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        String head = line(in, bytes);
        if (head == null) return null;
        int parts = Integer.parseInt(head.substring(1));
        String name = "";
        for (int i = 0; i < parts; i++) {
            int length = Integer.parseInt(line(in, bytes).substring(1));
            byte[] part = in.readNBytes(length + 2);
            bytes.writeBytes(part);
            if (i == 0) name = new String(part, 0, length, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
        }
        return new Command(bytes.toByteArray(), name);
    }

    private static String line(InputStream in, ByteArrayOutputStream bytes) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            bytes.write(c);
            if (c == '\n') return line.toString().strip();
            line.append((char) c);
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}

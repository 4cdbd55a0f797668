package dev.sluice.boot;

import dev.sluice.boot.RedisProbe.Answer;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A Redis of our own for one machine, on a free port of 127.0.0.1, behind a random password.
 *
 * <p>It is kept on a leash ({@link RedisLeash}): it ends when this process ends, however that comes about, and not
 * before. When it dies by itself it is started again on the same port, {@value #RESTARTS_MAX} times.
 */
final class EmbeddedRedis implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedRedis.class);

    /** 3 over the life of the process: one accident is survived; a Redis that keeps dying needs a person. */
    static final int RESTARTS_MAX = 3;

    /** 10 s: the former Redis has to write what it holds, which takes milliseconds, and end. */
    private static final Duration FORMER_END_MAX = Duration.ofSeconds(10);

    /** 60 s without any answer. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    /** 10 min: Redis loads 100 MB to 1 GB of its append-only file in 10 s, so this is for tens of gigabytes. */
    private static final Duration LOADING_MAX = Duration.ofMinutes(10);

    private static final Duration END_MAX = Duration.ofSeconds(10);

    private static final int PORT_ATTEMPTS_MAX = 3;

    private final RedisBinary binary;
    private final RedisHome home;
    private final String appendFsync;
    private final Runnable givenUp;
    private RedisProbe access;
    private RedisLeash leash;
    private int restarts;
    private boolean closed;

    private EmbeddedRedis(RedisBinary binary, RedisHome home, String appendFsync, Runnable givenUp) {
        this.binary = binary;
        this.home = home;
        this.appendFsync = appendFsync;
        this.givenUp = givenUp;
    }

    /**
     * Starts Redis and waits until it has loaded its data and answers.
     *
     * @param data the data directory, owned by this process
     * @param searchPath where to look for a server, see {@link RedisBinary#find}
     * @param appendFsync as in {@link StartSettings}
     * @param givenUp called once, on another thread, when Redis has died for good
     * @throws ProblemException {@link Code#SL1006} without a usable binary, {@link Code#SL1005} when it does not start
     */
    static EmbeddedRedis start(Path data, String searchPath, String appendFsync, Runnable givenUp) {
        try {
            RedisHome home = RedisHome.in(data);
            awaitEndOfFormer(home);
            var redis = new EmbeddedRedis(RedisBinary.find(searchPath, home), home, appendFsync, givenUp);
            redis.startOnFreePort();
            return redis;
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(Code.SL1005, "cannot start a Redis in " + data + ": " + e.getMessage()), e);
        }
    }

    /** For {@code quarkus.redis.hosts}; holds the password, so it is not for logs. */
    synchronized String url() {
        return "redis://:" + access.password() + "@127.0.0.1:" + access.port() + "/0";
    }

    Path binary() {
        return binary.path();
    }

    private static void awaitEndOfFormer(RedisHome home) throws IOException {
        Optional<RedisProbe> former = home.former();
        if (former.isEmpty() || ended(former.get())) return;
        former.get().shutdown();
        if (!Poll.until(FORMER_END_MAX, () -> ended(former.get()))) {
            throw startFailed("the Redis of the former start still runs on port "
                    + former.get().port() + " after " + FORMER_END_MAX.toSeconds() + " s. End it, then start again.");
        }
    }

    /** A port that someone else has by now does not take our password: that too means that our former Redis is gone. */
    private static boolean ended(RedisProbe former) {
        Answer answer = former.ping();
        return answer == Answer.REFUSED || answer == Answer.FOREIGN;
    }

    private synchronized void startOnFreePort() throws IOException {
        for (int attempt = 1; ; attempt++) {
            access = new RedisProbe(freePort(), password());
            try {
                startOnce();
                return;
            } catch (ProblemException e) {
                boolean portLost = e.getMessage().contains("in use") && attempt < PORT_ATTEMPTS_MAX;
                if (!portLost) throw e;
            }
        }
    }

    private void startOnce() throws IOException {
        home.write(access, appendFsync);
        home.rotateLog();
        RedisLeash started = RedisLeash.start(binary.path(), home.settings(), home.log());
        try {
            awaitReady(started);
        } catch (ProblemException e) {
            started.release(END_MAX);
            throw e;
        }
        leash = started;
        started.whenEnded(() -> died(started));
    }

    private void awaitReady(RedisLeash started) {
        long start = System.nanoTime();
        long reported = start;
        while (true) {
            Poll.until(Duration.ofSeconds(2), () -> !started.holds() || access.ping() == Answer.READY);
            if (!started.holds()) throw startFailed(home.lastLogLine());
            Answer answer = access.ping();
            if (answer == Answer.READY) return;
            long now = System.nanoTime();
            boolean loading = answer == Answer.LOADING;
            if (now - start > (loading ? LOADING_MAX : SILENCE_MAX).toNanos()) {
                throw startFailed("it does not answer after "
                        + Duration.ofNanos(now - start).toSeconds() + " s" + (loading ? ", still loading its data" : "")
                        + ".");
            }
            if (loading && TimeUnit.NANOSECONDS.toSeconds(now - reported) >= 5) {
                reported = now;
                System.err.println("Redis is loading its data …");
            }
        }
    }

    private void died(RedisLeash dead) {
        try {
            if (!restart(dead)) givenUp.run();
        } catch (IOException e) {
            LOG.errorf("Redis cannot be started again: %s. Sluice ends.", e.getMessage());
            givenUp.run();
        }
    }

    /** False when Redis stays dead and that is not what was wanted. */
    private synchronized boolean restart(RedisLeash dead) throws IOException {
        if (closed || leash != dead) return true;
        while (restarts < RESTARTS_MAX) {
            restarts++;
            LOG.errorf(
                    "Redis died (%s); starting it again, %d of at most %d times.",
                    home.lastLogLine(), restarts, RESTARTS_MAX);
            try {
                awaitEndOfFormer(home);
                startOnce();
                LOG.info("Redis answers again.");
                return true;
            } catch (ProblemException e) {
                LOG.debug("The restart failed", e);
            }
        }
        LOG.errorf("Redis died (%s) and was started %d times in vain; Sluice ends.", home.lastLogLine(), restarts);
        return false;
    }

    /** Lets Redis write what it holds and end; waits for that, at most 10 s. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        leash.release(END_MAX);
    }

    private static ProblemException startFailed(String why) {
        String reason = why.isEmpty() ? "it ended without a word" : why;
        return Problem.of(Code.SL1005, "the embedded Redis did not start: " + reason)
                .asException();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** 128 random bits in hexadecimal. */
    private static String password() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}

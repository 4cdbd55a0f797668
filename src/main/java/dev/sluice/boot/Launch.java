package dev.sluice.boot;

import dev.sluice.workflow.ProblemException;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.Quarkus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One start of the server: takes port, data directory and Redis in this order, runs Quarkus, and gives them back in the
 * reverse order after Quarkus has stopped.
 */
final class Launch implements AutoCloseable {
    /** Exit status when the environment or the settings keep Sluice from starting. */
    static final int EXIT_CANNOT_START = 2;

    /** Exit status when it had started and cannot go on. */
    static final int EXIT_CANNOT_GO_ON = 1;

    private static final String REDIS_HOSTS = "quarkus.redis.hosts";

    /** 60 s for Quarkus to stop in good order before Redis is ended all the same. */
    private static final Duration STOP_MAX = Duration.ofSeconds(60);

    private static volatile Launch current;

    private final StartSettings settings;
    private final DataDirectory data;
    private final Optional<EmbeddedRedis> redis;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Launch(StartSettings settings, DataDirectory data, Optional<EmbeddedRedis> redis) {
        this.settings = settings;
        this.data = data;
        this.redis = redis;
    }

    /** Starts the server and returns only when the process is about to end. */
    static void run() {
        Launch launch;
        try {
            launch = prepare(StartSettings.read());
        } catch (ProblemException e) {
            System.err.println(e.problem().oneLine());
            System.exit(EXIT_CANNOT_START);
            return;
        }
        current = launch;
        Runtime.getRuntime().addShutdownHook(new Thread(launch::closeAfterQuarkus, "redis-stop"));
        try {
            Quarkus.run(Server.class, launch::ended);
        } catch (RuntimeException | Error e) {
            // Static initialization fails here, before Quarkus can hand the failure over.
            launch.ended(EXIT_CANNOT_START, e);
        }
    }

    private static Launch prepare(StartSettings settings) {
        if (!devMode()) settings.http().requireFree();
        DataDirectory data = DataDirectory.take(settings.data());
        data.deleteUnfinishedUploads();
        try {
            Optional<EmbeddedRedis> redis = settings.redisHosts().isPresent() || !settings.usesRedis()
                    ? Optional.empty()
                    : Optional.of(EmbeddedRedis.start(
                            data.path(),
                            System.getenv("PATH"),
                            settings.appendFsync(),
                            () -> Quarkus.asyncExit(EXIT_CANNOT_GO_ON)));
            redis.ifPresent(r -> System.setProperty(REDIS_HOSTS, r.url()));
            return new Launch(settings, data, redis);
        } catch (ProblemException e) {
            data.close();
            throw e;
        }
    }

    /** In dev mode Quarkus keeps the port open over restarts, so that it would always seem taken. */
    private static boolean devMode() {
        return io.quarkus.runtime.LaunchMode.current() == io.quarkus.runtime.LaunchMode.DEVELOPMENT;
    }

    /** Called by Quarkus when it has stopped; with a failure when it never started. */
    private void ended(int status, Throwable failure) {
        if (failure != null) {
            System.err.println(StartFailure.of(failure, settings, data.path()).oneLine());
        }
        close();
        ApplicationLifecycleManager.getDefaultExitCodeHandler()
                .accept(failure != null ? EXIT_CANNOT_START : status, null);
    }

    /** On a signal the process would end as soon as Quarkus has stopped; this holds it until Redis has ended too. */
    private void closeAfterQuarkus() {
        try {
            if (!stopped.await(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("Sluice has not stopped after " + STOP_MAX.toSeconds() + " s; ending it.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        redis.ifPresent(EmbeddedRedis::close);
    }

    @Override
    public void close() {
        redis.ifPresent(r -> {
            r.close();
            System.clearProperty(REDIS_HOSTS);
        });
        data.close();
        stopped.countDown();
    }

    static Optional<Launch> current() {
        return Optional.ofNullable(current);
    }

    StartSettings settings() {
        return settings;
    }

    Path data() {
        return data.path();
    }

    /** For people: which Redis is in use, without its password. */
    String redis() {
        return redis.map(r -> "embedded, " + r.binary())
                .orElseGet(
                        () -> StartFailure.withoutPassword(settings.redisHosts().orElse("none, functions need none")));
    }
}

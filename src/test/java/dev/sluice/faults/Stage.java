package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisNode;
import dev.sluice.redis.RedisSetup;
import dev.sluice.scenario.Sluice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.awaitility.Awaitility;

/**
 * A deployment of separate processes: one with the API and the orchestrator, some dispatchers, each behind a proxy of
 * its own, their Redis, and the functions.
 */
final class Stage implements AutoCloseable {
    /** Of a task: shorter than the default of 15 s, so that stories are. */
    static final Duration LEASE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    final RedisSetup redis = RedisSetup.standalone("everysec");
    final Workers workers = new Workers();
    final RedisProxy controlProxy;
    final Sluice control;
    final List<Dispatcher> dispatchers = new ArrayList<>();
    private final Path directory;
    private final int controlPort = Sluice.freePort();
    private final List<Sluice> controls = new ArrayList<>();
    private final List<Load> loads = new ArrayList<>();

    /** A process with the role of a dispatcher, and what stands between it and Redis. */
    record Dispatcher(Sluice server, RedisProxy proxy) {
        /** Also when it stands still. */
        void kill() {
            server.kill();
        }

        void signal(String name) {
            Stage.signal(server.process().pid(), name);
        }

        /** Attempts of that function that are with it now. */
        int inFlight(String function) {
            return Calm.inFlight(server).getOrDefault(function, 0.0).intValue();
        }

        void restart() {
            try {
                server.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    Stage(Path directory) throws IOException {
        this.directory = directory;
        controlProxy = new RedisProxy(redisNode().port);
        control = addControl(controlPort);
    }

    /** A further process with the API and the orchestrator; whose dispatchers wake it, they say. */
    Sluice addControl(int port) throws IOException {
        Sluice added = Sluice.startOn(
                port, directory("control-" + controls.size()), options("api,orchestrator", controlProxy));
        controls.add(added);
        return added;
    }

    RedisNode redisNode() {
        return redis.nodes().getFirst();
    }

    /** @param settings beside the usual ones, as {@code -D} */
    Dispatcher addDispatcher(String... settings) throws IOException {
        var proxy = new RedisProxy(redisNode().port);
        var options = new ArrayList<>(Arrays.asList(options("dispatcher", proxy)));
        options.addAll(Arrays.asList(settings));
        String name = "dispatcher-" + dispatchers.size();
        var added = new Dispatcher(Sluice.start(directory(name), options.toArray(String[]::new)), proxy);
        dispatchers.add(added);
        return added;
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectory(directory.resolve(name));
    }

    private String[] options(String roles, RedisProxy proxy) {
        return new String[] {
            // Starts sooner, and several fit on a small machine.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-Dsluice.roles=" + roles,
            "-Dquarkus.redis.hosts=redis://127.0.0.1:" + proxy.port(),
            "-Dsluice.dispatch.orchestrator-url=http://127.0.0.1:" + controlPort + "/",
            "-Dsluice.dispatch.function-url=" + workers.url(),
            "-Dsluice.payloads.directory=" + directory.resolve("payloads"),
            "-Dsluice.dispatch.lease=" + LEASE.toSeconds() + "s",
            "-Dsluice.dispatch.partition-lease=" + LEASE.toSeconds() + "s",
            "-Dsluice.dispatch.sweep-interval=200ms",
            // What sleeps is to be found, not mended.
            "-Dsluice.invariant.repair=report"
        };
    }

    Load load(String workflow, String function, int count, Duration interval) {
        Load load = Load.start(control, workflow, function, count, interval);
        loads.add(load);
        return load;
    }

    /** Of all loads, when they have been accepted. */
    List<String> runs() throws InterruptedException {
        var runs = new ArrayList<String>();
        for (Load load : loads) runs.addAll(load.runs());
        return runs;
    }

    /** Starts one run of a workflow of its own. */
    String start(String workflow, String steps) {
        String source = "document: { dsl: '1.0.1', namespace: test, name: " + workflow + ", version: '1.0.0' }\ndo: "
                + steps + "\n";
        assertThat(control.post("/v1/workflows", "application/yaml", source).status())
                .isEqualTo(201);
        return control.post("/v1/workflows/" + workflow + "/runs", "application/json", "{}")
                .body()
                .path("id")
                .asText();
    }

    /** Waits for the end of all runs, of this story and those before, and asserts everything that must be true then. */
    void assertKept() throws InterruptedException {
        assertKept(new Workers[0]);
    }

    /** @param others that did some of the work */
    void assertKept(Workers... others) throws InterruptedException {
        List<String> accepted = runs();
        Calm.awaitEnds(control, accepted, PATIENCE);
        loads.forEach(Load::assertOutputs);
        var alive = new ArrayList<>(controls);
        dispatchers.stream().map(Dispatcher::server).filter(Sluice::isAlive).forEach(alive::add);
        Calm.assertKept(accepted, redisNode(), alive);
        int done = workers.done.size()
                + Arrays.stream(others).mapToInt(each -> each.done.size()).sum();
        assertThat(done).as("steps that took effect").isEqualTo(Load.CALLS * accepted.size());
    }

    /** @param name {@code STOP}, {@code CONT} or {@code TERM} */
    static void signal(long pid, String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
            assertThat(kill.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Polls until the number is at least that. */
    static void until(String what, IntSupplier number, int least) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> number.getAsInt() >= least);
    }

    @Override
    public void close() throws IOException {
        for (Dispatcher each : dispatchers) {
            each.kill();
            each.proxy().close();
        }
        for (Sluice each : controls) each.close();
        controlProxy.close();
        workers.close();
        redis.close();
    }
}

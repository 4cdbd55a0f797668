package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.boot.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a step may cost Redis, at most, in commands and in bytes: figures that are the same on every machine. What the
 * server sends at rest is taken off, because it goes by time and not by steps.
 */
class StepCostIT {
    private static final int ROUNDS = 3;
    private static final Duration ROUND_MAX = Duration.ofSeconds(60);
    private static final int REST_MILLIS = 1_500;

    @TempDir
    static Path directory;

    private static final AtomicInteger ENDED = new AtomicInteger();

    private static Server server;
    private static Feed feed;
    private static Resp redis;
    private static int functions;
    private static Cost atRest;
    /** The last that were counted: a test that fails shows which they are. */
    private static Monitor.Commands commands;

    /** Of some time, or of one step. */
    private record Cost(double seconds, double commands, double bytesIn, double bytesOut) {}

    @BeforeAll
    static void start() throws IOException {
        redis = Resp.open(TestRedis.url());
        redis.call("FLUSHALL");
        functions = NoOpFunctions.serve(Load.VERTX, 0);
        server = Server.start(
                directory,
                freePort(),
                TestRedis.url(),
                List.of("-Dsluice.dispatch.functions.noop.url=http://127.0.0.1:" + functions + "/"));
        server.deploy(Steps.WORKFLOW);
        feed = Feed.open(server.port, (id, nanos) -> ENDED.incrementAndGet());
        // The first runs load scripts and whatever else is kept.
        runs(64, 16);
        atRest = cost(() -> Pause.millis(REST_MILLIS), () -> Pause.millis(REST_MILLIS));
    }

    @AfterAll
    static void end() throws IOException {
        feed.close();
        server.close();
        redis.call("FLUSHALL");
        redis.close();
    }

    @Test
    void aStepOfARunThatIsAloneSendsFewCommandsAndBytes() throws IOException {
        Cost step = perStep(30, 1);
        assertThat(step.commands()).as("%s; %s", step, commands).isLessThan(17);
        assertThat(step.bytesIn()).as("%s; %s", step, commands).isLessThan(6_200);
        assertThat(step.bytesOut()).as("%s; %s", step, commands).isLessThan(1_800);
    }

    @Test
    void stepsOfManyRunsShareTheirWaysToRedis() throws IOException {
        Cost step = perStep(300, 100);
        assertThat(step.commands()).as("%s; %s", step, commands).isLessThan(6);
        assertThat(step.bytesIn()).as("%s; %s", step, commands).isLessThan(3_600);
        assertThat(step.bytesOut()).as("%s; %s", step, commands).isLessThan(1_800);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static Cost perStep(int runs, int inFlight) throws IOException {
        var rounds = new ArrayList<Cost>();
        for (int i = 0; i < ROUNDS; i++) rounds.add(cost(() -> runs(runs, inFlight), () -> runs(runs, inFlight)));
        double steps = (double) runs * Steps.STEPS;
        return new Cost(
                median(rounds.stream().map(Cost::seconds).toList()) / steps,
                median(rounds.stream()
                                .map(c -> more(c.commands, atRest.commands, c))
                                .toList())
                        / steps,
                median(rounds.stream()
                                .map(c -> more(c.bytesIn, atRest.bytesIn, c))
                                .toList())
                        / steps,
                median(rounds.stream()
                                .map(c -> more(c.bytesOut, atRest.bytesOut, c))
                                .toList())
                        / steps);
    }

    /** What a round took beyond what its time alone takes. */
    private static double more(double all, double atRest, Cost round) {
        return all - atRest * round.seconds / StepCostIT.atRest.seconds;
    }

    /**
     * @param counted while this is done, commands are counted
     * @param weighed the same work again, and bytes are: those that tell of the commands would count among them
     */
    private static Cost cost(Work counted, Work weighed) throws IOException {
        try (Monitor monitor = Monitor.start(Resp.open(TestRedis.url()))) {
            counted.run();
            commands = monitor.stop(redis);
        }
        long began = System.nanoTime();
        Info before = info();
        weighed.run();
        Info grown = info().since(before);
        return new Cost(
                (System.nanoTime() - began) / 1e9,
                commands.count(),
                grown.number("total_net_input_bytes"),
                grown.number("total_net_output_bytes"));
    }

    private static Info info() throws IOException {
        return Info.parse((String) redis.call("INFO", "everything"));
    }

    /** Returns when so many more runs have ended. */
    private static void runs(int count, int inFlight) throws IOException {
        int before = ENDED.get();
        var plan = new Load.Plan("steps", "{\"n\":1}", inFlight, 0, Math.min(inFlight, 16));
        try (Load load = Load.start(plan, server.port, functions, (id, posted, accepted) -> {})) {
            load.most = count;
            assertThat(Pause.until(ROUND_MAX, 1, () -> ENDED.get() >= before + count))
                    .as("%d of %d runs ended; %s", ENDED.get() - before, count, load.complaint)
                    .isTrue();
        }
    }

    private static double median(List<Double> values) {
        var sorted = new ArrayList<>(values);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}

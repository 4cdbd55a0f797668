package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.scenario.Sluice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link FaultsIT}, on a stage of its own each; {@code make faults} tells them. */
class LongStories {
    /** 10 s: as long as a server waits for its Redis before it says so. */
    private static final Duration STALL_MAX = Duration.ofSeconds(10);

    private static final int SECONDS = Integer.getInteger("sluice.faults.seconds", 3);

    @TempDir
    Path directory;

    private Stage stage;

    @BeforeEach
    void open() throws IOException {
        stage = new Stage(directory);
    }

    @AfterEach
    void close() throws IOException {
        stage.close();
    }

    @Test
    void aRedisThatStandsStillAndGoesOnLosesNothing() throws Exception {
        stage.addDispatcher();
        stage.addDispatcher();
        var load = stage.load("stalled", "work", 20, Duration.ofMillis(50));
        Stage.until("accepted starts", load::acceptedSoFar, 5);
        long pid = Long.parseLong(stage.redisNode().info("process_id"));
        Stage.signal(pid, "STOP");
        try {
            Duration wished = Duration.ofSeconds(SECONDS);
            await().pollDelay(wished.compareTo(STALL_MAX) < 0 ? wished : STALL_MAX)
                    .until(() -> true);
        } finally {
            Stage.signal(pid, "CONT");
        }
        stage.assertKept();
    }

    @Test
    void aSlowRedisDelaysAndLosesNothing() throws Exception {
        stage.addDispatcher().proxy().delay(Duration.ofMillis(100));
        stage.addDispatcher();
        stage.controlProxy.delay(Duration.ofMillis(20));
        stage.load("delayed", "work", 30, Duration.ofMillis(50));
        stage.assertKept();
    }

    @Test
    void aFunctionThatHangsHoldsUpNoOther() throws Exception {
        stage.addDispatcher();
        stage.workers.takes.put("stuck", Duration.ofSeconds(20));
        stage.load("hanging", "stuck", 40, Duration.ZERO);
        Stage.until("calls of the function that hangs", () -> stage.workers.busy("stuck"), 8);
        var beside = stage.load("beside", "work", 10, Duration.ofMillis(20));
        Calm.awaitEnds(stage.control, beside.runs(), Duration.ofSeconds(10));
        assertThat(stage.workers.busy("stuck")).isPositive();
        stage.workers.takes.put("stuck", Duration.ofMillis(20));
        stage.assertKept();
    }

    @Test
    void aTenantWhoseCallsAreSlowHoldsUpNoOtherOfTheSameFunction() throws Exception {
        stage.addDispatcher("-Dsluice.dispatch.functions.shared.window.max=8");
        stage.workers.takes.put("shared tortoise", Duration.ofSeconds(2));
        var slow = stage.load("tortoise", "shared", 60, Duration.ZERO);
        Stage.until("calls of the slow tenant", () -> stage.workers.busy("shared"), 8);
        var quick = stage.load("hare", "shared", 10, Duration.ofMillis(20));
        // 240 slow calls, eight at a time, take a minute.
        Calm.awaitEnds(stage.control, quick.runs(), Duration.ofSeconds(25));
        assertThat(stage.control.count("succeeded")).isLessThan(60);
        stage.workers.takes.remove("shared tortoise");
        assertThat(slow.runs()).hasSize(60);
        stage.assertKept();
    }

    @Test
    void aFunctionThatIsDownHoldsUpNoOtherAndIsAskedWhenItIsBack() throws Exception {
        var late = new Workers();
        int port = URI.create(late.url().replace("{function}", "")).getPort();
        late.close();
        stage.addDispatcher("-Dsluice.dispatch.functions.late.url=http://127.0.0.1:" + port + "/");
        stage.load("down", "late", 20, Duration.ZERO);
        var beside = stage.load("beside", "work", 10, Duration.ofMillis(20));
        Calm.awaitEnds(stage.control, beside.runs(), Duration.ofSeconds(10));
        try (var back = new Workers(port)) {
            stage.assertKept(back);
        }
    }

    /** Two dispatchers wake one orchestrator each: while the first stands still, the second takes its partitions. */
    @Test
    void anOrchestratorThatStoodStillBeyondItsOwnershipAndWentOnDecidesNothingTwice() throws Exception {
        int port = Sluice.freePort();
        var other = stage.addControl(port);
        stage.addDispatcher();
        stage.addDispatcher("-Dsluice.dispatch.orchestrator-url=http://127.0.0.1:" + port + "/");
        var load = stage.load("decided", "work", 60, Duration.ofMillis(50));
        for (int turn = 0; turn < 2; turn++) {
            Stage.until("accepted starts", load::acceptedSoFar, 15 + 20 * turn);
            Stage.signal(other.process().pid(), "STOP");
            try {
                // Its partitions are free again after 5 s.
                await().pollDelay(Duration.ofSeconds(7)).until(() -> true);
            } finally {
                Stage.signal(other.process().pid(), "CONT");
            }
        }
        stage.assertKept();
    }

    @Test
    void dispatchersWhoseClocksAreAnHourApartTakeNothingFromEachOtherAndFireNoTimerEarly() throws Exception {
        stage.addDispatcher();
        stage.addDispatcher("-Dsluice.clock.offset=PT1H");
        stage.addDispatcher("-Dsluice.clock.offset=-PT1H");
        String waits = stage.start("waits", "[ { nap: { wait: PT10M } } ]");
        stage.workers.takes.put("even", Duration.ofMillis(1_000));
        stage.load("apart", "even", 12, Duration.ofMillis(50));
        Calm.awaitEnds(stage.control, stage.runs(), Duration.ofSeconds(60));
        assertThat(stage.control.run(waits).body().path("status").asText()).isEqualTo("waiting");
        String naps = stage.start("naps", "[ { nap: { wait: PT1S } } ]");
        assertThat(stage.control
                        .awaitEnd(naps, Duration.ofSeconds(10))
                        .path("status")
                        .asText())
                .isEqualTo("succeeded");
        assertThat(stage.workers.repeated("even")).as("calls made again").isZero();
    }
}

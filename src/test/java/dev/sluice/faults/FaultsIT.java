package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.faults.Stage.Dispatcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two dispatchers, and what can happen to them: each story goes on under load, and ends with every run finished, each
 * step committed once and nothing left in the queue. {@code make faults} makes the stories as long as they should be.
 */
class FaultsIT {
    /** How often a dispatcher is killed, and how long a cut or a stall lasts in seconds. */
    private static final int KILLS = Integer.getInteger("sluice.faults.kills", 2);

    private static final int SECONDS = Integer.getInteger("sluice.faults.seconds", 3);

    /** Tasks and their leases: what a dispatcher takes, calls and settles. */
    private static final String QUEUE = ":lane:";

    @TempDir
    static Path directory;

    private static Stage stage;
    private static Dispatcher first;
    private static Dispatcher second;

    @BeforeAll
    static void open() throws IOException {
        stage = new Stage(directory);
        first = stage.addDispatcher();
        second = stage.addDispatcher();
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    @Test
    void dispatchersKilledAtEveryBoundaryLoseNothing() throws Exception {
        int runs = 15 * KILLS;
        stage.load("killed", "work", runs, Duration.ofMillis(KILLS > 4 ? 400 : 100));
        for (int kill = 0; kill < KILLS; kill++) {
            Dispatcher victim = kill % 2 == 0 ? first : second;
            var dead = new AtomicInteger();
            Runnable die = () -> {
                victim.kill();
                dead.incrementAndGet();
            };
            int number = 1 + kill * 7 % 23;
            switch (kill % 4) {
                case 0 -> victim.proxy().arm(number, false, command -> command.contains(QUEUE), die);
                case 1 -> victim.proxy().arm(number, true, command -> command.contains(QUEUE), die);
                case 2 -> stage.workers.atCall(number, false, die);
                default -> stage.workers.atCall(number, true, die);
            }
            await("kill " + kill).atMost(Duration.ofSeconds(60)).until(() -> dead.get() == 1);
            victim.proxy().arm(0, false, () -> {});
            victim.restart();
        }
        stage.assertKept();
    }

    @Test
    void aDispatcherThatStoodStillBeyondItsLeaseAndWentOnCommitsNothingTwice() throws Exception {
        stage.workers.takes.put("slow", Duration.ofMillis(2_500));
        stage.load("stopped", "slow", 12, Duration.ofMillis(50));
        Stage.until("calls with the slow function", () -> stage.workers.busy("slow"), 6);
        // What must be empty in the end is not so all the time.
        assertThat(Calm.leftInQueue(stage.redisNode()).keySet())
                .anyMatch(key -> key.contains(":lane:"))
                .anyMatch(key -> key.endsWith(":leases"))
                .anyMatch(key -> key.endsWith(":depth"))
                .anyMatch(key -> key.endsWith(":holders"));
        // Each has some of the partitions, or one of them all.
        Dispatcher still = first.inFlight("slow") >= second.inFlight("slow") ? first : second;
        still.signal("STOP");
        try {
            // Its leases are over: another has taken its partitions and its tasks by then, and asks again.
            await().pollDelay(Stage.LEASE.multipliedBy(3)).until(() -> true);
        } finally {
            still.signal("CONT");
        }
        stage.assertKept();
        assertThat(stage.workers.repeated("slow")).as("calls that both made").isPositive();
    }

    @Test
    void connectionsToRedisThatAreCutEverySecondDelayAndLoseNothing() throws Exception {
        stage.load("cut", "work", 20 * SECONDS, Duration.ofMillis(50));
        for (int second = 0; second < SECONDS; second++) {
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            stage.controlProxy.cut();
            for (Dispatcher each : stage.dispatchers) each.proxy().cut();
        }
        assertThat(stage.controlProxy.hasCut()).isGreaterThanOrEqualTo(SECONDS);
        stage.assertKept();
    }

    @Test
    void aDispatcherToldToEndFinishesWhatItHasAndLeavesTheRest() throws Exception {
        stage.workers.takes.put("steady", Duration.ofMillis(400));
        stage.load("drained", "steady", 20, Duration.ofMillis(50));
        Stage.until("calls", () -> stage.workers.busy("steady"), 4);
        var ended = first.server().process().onExit();
        first.signal("TERM");
        ended.get(25, TimeUnit.SECONDS);
        stage.assertKept();
        assertThat(stage.workers.repeated("steady")).as("calls made again").isZero();
        first.restart();
    }
}

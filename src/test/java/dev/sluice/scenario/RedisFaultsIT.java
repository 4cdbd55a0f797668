package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisNode;
import dev.sluice.redis.RedisSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Redis fails under load in the ways it does: killed, failed over, a part of it away, full. Nothing is lost. */
class RedisFaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** {@code make faults KILLS=20} asks for more. */
    private static final int KILLS = Integer.getInteger("sluice.faults.kills", 3);

    /** Stays after a failure: the server's log is in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private Traffic traffic;
    private RedisSetup redis;
    private Sluice sluice;

    @BeforeEach
    void beginTraffic() throws IOException {
        traffic = new Traffic(0);
    }

    @AfterEach
    void endAll() throws IOException {
        traffic.close();
        if (sluice != null) sluice.close();
        redis.close();
    }

    private void start(RedisSetup setup, String... options) throws IOException {
        redis = setup;
        List<String> all = traffic.options(setup.options());
        all.addAll(List.of(options));
        sluice = Sluice.start(directory, all.toArray(String[]::new));
        traffic.deployTo(sluice);
    }

    @Test
    void aRedisThatIsKilledAgainAndAgainLosesNothingThatItConfirmed() throws Exception {
        start(RedisSetup.standalone("always"));
        RedisNode node = redis.nodes().getFirst();
        traffic.begin(8);
        for (int kill = 0; kill < KILLS; kill++) {
            traffic.awaitMore(25);
            node.kill();
            node.start();
        }
        traffic.awaitMore(25);
        traffic.stop();
        traffic.assertNothingWasLost(PATIENCE);
    }

    @Test
    void aFailoverLosesNothingThatAReplicaConfirmed() throws Exception {
        start(RedisSetup.sentinel(2), "-Dsluice.redis.wait.replicas=1", "-Dsluice.redis.wait.timeout=3s");
        traffic.begin(8);
        for (int failover = 0; failover < 2; failover++) {
            traffic.awaitMore(40);
            RedisNode lost = redis.primary();
            lost.kill();
            await("a new primary").atMost(PATIENCE).until(() -> redis.primary() != lost);
            traffic.awaitMore(40);
            lost.start();
            await("it follows")
                    .atMost(PATIENCE)
                    .until(() -> lost.info("master_link_status").equals("up"));
        }
        traffic.stop();
        traffic.assertNothingWasLost(PATIENCE);
    }

    @Test
    void whileAServerOfAClusterIsAwayTheRunsOfTheOthersGoOn() throws Exception {
        start(RedisSetup.cluster(3), "-Dsluice.queue.partitions=12");
        traffic.beginOnce(30);
        await().atMost(PATIENCE).until(() -> traffic.succeeded() == 30);
        redis.nodes().getLast().kill();
        traffic.beginOnce(60);
        // Two of three go to a server that is there.
        await("runs of the others").atMost(PATIENCE).until(() -> traffic.succeeded() >= 30 + 25);
        redis.nodes().getLast().start();
        traffic.stop();
        traffic.assertNothingWasLost(PATIENCE);
    }

    @Test
    void aFullRedisRefusesNewRunsAndFinishesThoseUnderWay() throws Exception {
        traffic.close();
        traffic = new Traffic(6_000);
        // The watermark, which comes before, is not what this is about.
        start(RedisSetup.standalone("everysec"), "-Dsluice.queue.memory-high=1", "-Dsluice.queue.memory-low=1");
        RedisNode node = redis.nodes().getFirst();
        List<String> underWay = traffic.beginHeld(10);
        traffic.begin(8);
        traffic.awaitMore(20);
        long used = Long.parseLong(node.info("used_memory"));
        node.say("CONFIG", "SET", "maxmemory", String.valueOf(used + 1_000_000));
        await("Redis is full")
                .atMost(PATIENCE)
                .until(() -> traffic.refusals.stream().anyMatch(RedisFaultsIT::isFull));
        assertThat(traffic.refusals).allSatisfy(refusal -> {
            assertThat(refusal.status()).as(refusal.text()).isIn(429, 503);
            assertThat(refusal.headers()).as(refusal.text()).containsKey("retry-after");
        });
        traffic.letGo();
        for (String id : underWay) {
            assertThat(sluice.awaitEnd(id, PATIENCE).path("status").asText()).isEqualTo("succeeded");
        }
        node.say("CONFIG", "SET", "maxmemory", "0");
        traffic.awaitMore(20);
        traffic.stop();
        traffic.assertNothingWasLost(PATIENCE);
    }

    /** Also a start, unless the watermark refuses it before. */
    private static boolean isFull(Sluice.Answer refusal) {
        return refusal.body().path("code").asText().equals("SL1011");
    }
}

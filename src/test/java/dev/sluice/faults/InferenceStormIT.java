package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.scenario.Sluice;
import dev.sluice.simulator.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two models that fail, babble and storm, one of which goes away for a while, and workers that are killed: every
 * document is finished, every micro-dollar that the models billed is in the ledger, and no answer is bought twice.
 * {@code make storm} makes the story as long as it should be.
 */
class InferenceStormIT {
    private static final int DOCUMENTS = Integer.getInteger("sluice.storm.documents", 150);
    private static final int KILLS = Integer.getInteger("sluice.storm.kills", 2);
    private static final int SECONDS_AWAY = Integer.getInteger("sluice.storm.seconds", 6);

    /** Of all documents; a second for each is ten times what it takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(180 + DOCUMENTS);

    /** Of an attempt whose worker was lost, or not there. */
    private static final Set<String> LOST = Set.of("SL4010", "SL4043");

    private static final Options MODEL = Options.of(
            "error-rate=0.2",
            "malformed-rate=0.1",
            "storm-every=9000",
            "storm-time=1500",
            "first-token=100",
            "tokens-per-second=400",
            "cached-share=0.5",
            "retry-after-time=300");

    /** Stays after a failure: the logs are in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void everyDocumentIsFinishedAndEveryAnswerPaidForOnceWhateverHappens() throws Exception {
        try (var stage = new InferenceStage(directory, MODEL, 120)) {
            // Each kill meets fresh work, however fast the machine is.
            int portion = DOCUMENTS / (KILLS + 1);
            var runs = new ArrayList<>(stage.analyze(DOCUMENTS - KILLS * portion));
            awaitEnded(stage, portion / 4);
            stage.second.down(Duration.ofSeconds(SECONDS_AWAY), false);
            for (int kill = 0; kill < KILLS; kill++) {
                // One more than those that come by the clock, which a fast machine may not meet.
                stage.first.storm(Duration.ofMillis(1_500));
                runs.addAll(stage.analyze(portion));
                killAtWork(stage, kill % 2);
            }
            await("all documents")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> ended(stage) >= DOCUMENTS);
            assertPaidOnce(stage, runs);
            tell(stage, lostAttempts(stage, runs));
            assertThat(failed(stage)).isEmpty();
        }
    }

    /** What was cut off is billed here, as many endpoints do: the caller cannot know. */
    @Test
    void whatNobodyKnowsIsUncertainAndCoversWhatWasBilled() throws Exception {
        Options careless = MODEL.with("storm-every=0", "bill-cancelled=true", "cut-rate=0.05", "first-token=500");
        try (var stage = new InferenceStage(directory, careless, 8)) {
            stage.analyze(40);
            awaitEnded(stage, 5);
            long before = stage.requests();
            await("more questions").atMost(PATIENCE).until(() -> stage.requests() > before + 5);
            stage.inference.kill();
            stage.inference.start();
            awaitEnded(stage, 15);
            stage.first.down(Duration.ofSeconds(2), true);
            awaitEnded(stage, 40);
            await("the sweep")
                    .atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(certain(stage) + uncertain(stage))
                            .as(stage.told().toString())
                            .isGreaterThanOrEqualTo(stage.billedMicros()));
            assertThat(certain(stage)).isLessThan(stage.billedMicros());
            long cutOff = stage.first.billing().cutOffMicros()
                    + stage.second.billing().cutOffMicros();
            assertThat(stage.billedMicros() - certain(stage))
                    .as("of what is not certain, most was cut off: " + stage.told())
                    .isGreaterThanOrEqualTo(cutOff);
        }
    }

    private static long certain(InferenceStage stage) {
        return stage.costs().path("costMicros").asLong();
    }

    private static long uncertain(InferenceStage stage) {
        return stage.costs().path("uncertainMicros").asLong();
    }

    private static void tell(InferenceStage stage, long lost) throws IOException {
        String text = "%d documents, %d kills, a model away for %d s: %d finished, %d failed; %d attempts lost%n"
                .formatted(
                        DOCUMENTS,
                        KILLS,
                        SECONDS_AWAY,
                        stage.core.count("succeeded"),
                        stage.core.count("failed"),
                        lost);
        var lines = new StringBuilder(text);
        stage.told()
                .forEach((what, how) ->
                        lines.append("  ").append(what).append(": ").append(how).append('\n'));
        lines.append("  billed: ").append(stage.billedMicros()).append(" micro-dollars\n");
        Files.writeString(Path.of(System.getProperty("sluice.build.directory", "target"), "storm.txt"), lines);
    }

    private static long ended(InferenceStage stage) {
        return stage.core.count("succeeded") + stage.core.count("failed");
    }

    private static void awaitEnded(InferenceStage stage, long count) {
        await(count + " documents")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> ended(stage) >= count);
    }

    /** {@code kill -9} while it waits for models, and another start. */
    private static void killAtWork(InferenceStage stage, int worker) throws Exception {
        await("work at worker " + worker)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> stage.inFlight(worker) >= 2);
        Sluice victim = stage.workers.get(worker);
        victim.kill();
        victim.start();
    }

    /** Of the first few: with all their attempts, for whoever has to find out why. */
    private static List<String> failed(InferenceStage stage) {
        var failed = new ArrayList<String>();
        for (JsonNode run :
                stage.core.get("/v1/runs?status=failed&limit=5").body().path("runs")) {
            failed.add(stage.core.run(run.path("id").asText()).text());
        }
        return failed;
    }

    private static void assertPaidOnce(InferenceStage stage, List<String> runs) {
        // What was bought for a worker that is gone may still be on its way into the books.
        await("the books and the bills")
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(certain(stage)).as(stage.told().toString()).isEqualTo(stage.billedMicros()));
        assertThat(uncertain(stage)).as(stage.told().toString()).isZero();
        assertThat(stage.soundAnswers().values()).as("answers to one question").containsOnly(1);
        List<JsonNode> lines = stage.lines(runs);
        var paid = new HashMap<String, Long>();
        lines.stream().filter(line -> line.path("costMicros").asLong() > 0).forEach(line -> {
            Long before = paid.put(
                    line.path("exchange").asText(), line.path("costMicros").asLong());
            assertThat(before).as(line.toString()).isNull();
        });
        assertThat(paid).as("lines of the ledger, and bills").isEqualTo(stage.bills());
        assertThat(lostAttempts(stage, runs)).as("attempts that a kill ended").isPositive();
        var refused = new HashSet<>(stage.first.billing().refused().keySet());
        refused.addAll(stage.second.billing().refused().keySet());
        assertThat(refused).as("the storm").contains(429, 500, 503);
    }

    /** So that a story in which no kill hit anything does not pass for one that was survived. */
    private static long lostAttempts(InferenceStage stage, List<String> runs) {
        long lost = 0;
        for (String run : runs) {
            for (JsonNode step : stage.core.run(run).body().path("steps")) {
                for (JsonNode attempt : step.path("attempts")) {
                    if (LOST.contains(attempt.at("/problem/code").asText())) lost++;
                }
            }
        }
        return lost;
    }
}

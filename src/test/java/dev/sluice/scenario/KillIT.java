package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.Documents;
import dev.sluice.scenario.Sluice.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process killed in the middle of a batch, and started again on the same data. */
class KillIT {
    private static final int DOCUMENTS = 60;

    @TempDir
    Path directory;

    @Test
    void aKilledProcessFinishesEveryAcceptedDocumentOnceAfterItsRestart() throws Exception {
        // A lease of 3 s only shortens the wait; the default of 15 s does the same later.
        try (Sluice sluice = Sluice.start(directory, "-Dsluice.dispatch.lease=3s")) {
            List<String> accepted = accept(sluice);
            for (int killed = 0; killed < 2; killed++) {
                long before = sluice.count("succeeded");
                long enough = Math.min(before + 5, DOCUMENTS - 10);
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> sluice.count("succeeded") >= enough);
                sluice.kill();
                sluice.start();
                assertThat(sluice.count("succeeded"))
                        .as("the kill came too late")
                        .isLessThan(DOCUMENTS);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> sluice.count("succeeded") + sluice.count("failed") == DOCUMENTS);
            assertEachFinishedOnce(sluice, accepted);
        }
    }

    private static List<String> accept(Sluice sluice) {
        var accepted = new ArrayList<String>();
        for (int from = 0; from < DOCUMENTS; from += 20) {
            var parts =
                    IntStream.range(from, from + 20).mapToObj(KillIT::document).toList();
            Sluice.Answer answer = sluice.upload(parts);
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            answer.body()
                    .path("runs")
                    .forEach(run -> accepted.add(run.path("id").asText()));
        }
        assertThat(accepted).hasSize(DOCUMENTS).doesNotHaveDuplicates();
        return accepted;
    }

    private static Part document(int number) {
        String text = "Invoice no. " + number + "\nTotal amount: " + number + ".50 EUR, due 2026-01-15.\n"
                + "The parcel was sent on a Monday and the bill is to be paid in thirty days.\n".repeat(200);
        return Part.file("invoice-" + number + ".txt", Documents.utf8(text));
    }

    private static void assertEachFinishedOnce(Sluice sluice, List<String> accepted) {
        var lines = new HashMap<String, Integer>();
        for (JsonNode result : sluice.results()) lines.merge(result.path("run").asText(), 1, Integer::sum);
        assertThat(lines.keySet()).containsExactlyInAnyOrderElementsOf(accepted);
        assertThat(lines.values()).containsOnly(1);
        for (String id : accepted) {
            JsonNode run = sluice.run(id).body();
            for (JsonNode step : run.path("steps")) {
                assertThat(step.path("status").asText())
                        .as("%s %s", id, step.path("step"))
                        .isEqualTo("succeeded");
                long successes = 0;
                for (JsonNode attempt : step.path("attempts")) {
                    if (attempt.path("status").asText().equals("succeeded")) successes++;
                }
                assertThat(successes).isLessThanOrEqualTo(1);
            }
        }
    }
}

package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.Documents;
import dev.sluice.scenario.Sluice.Answer;
import dev.sluice.scenario.Sluice.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference job by each way in, through all four layers. */
class DocumentsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TYPE = "dev.sluice.document.received.v1";
    private static final String DATA =
            "{\"document\": {\"name\": \"a.txt\", \"text\": \"Invoice 12, total 5.00 EUR\"}}";

    @TempDir
    static Path directory;

    private static Sluice sluice;

    @BeforeAll
    static void start() throws Exception {
        sluice = Sluice.start(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        sluice.close();
    }

    @Test
    void everyKindOfDocumentIsExtractedClassifiedAndSummarized() {
        var parts = List.of(
                Part.file("a.txt", Documents.utf8("INVOICE 4711\nTotal amount due: 120.00 EUR\nDate: 2026-03-04\n")),
                Part.file("b.md", Documents.utf8("# Manual\n\nInstall the pump. Then press *start*.\n")),
                Part.file(
                        "c.html", Documents.utf8("<html><title>News</title><p>The river rose by a metre.</p></html>")),
                Part.file("d.pdf", Documents.pdf("Contract between A and B", "The parties agree as follows.")),
                Part.file("e.docx", Documents.docx("<w:p><w:r><w:t>Annual report of the year 2025.</w:t></w:r></w:p>")),
                Part.file("f.csv", Documents.utf8("name,amount\nMiller,12\nSmith,15\n")),
                Part.file(
                        "g.eml",
                        Documents.utf8("From: a@example.org\r\nTo: b@example.org\r\nSubject: Lunch\r\n"
                                + "Content-Type: text/plain\r\n\r\nShall we meet at noon?\r\n")));
        Answer answer = sluice.upload(parts);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.body().path("runs")).hasSize(parts.size());
        var labels = new HashMap<String, String>();
        for (JsonNode started : answer.body().path("runs")) {
            JsonNode run = sluice.awaitEnd(started.path("id").asText(), PATIENCE);
            assertThat(run.path("status").asText())
                    .as(run.path("error").toString())
                    .isEqualTo("succeeded");
            assertThat(run.at("/output/summary").asText()).isNotBlank();
            assertThat(run.at("/output/document/name")).isEqualTo(started.path("name"));
            assertThat(run.at("/usage/inputTokens").asLong()).isPositive();
            labels.put(started.path("name").asText(), run.at("/output/label").asText());
        }
        assertThat(labels).contains(Map.entry("a.txt", "invoice"), Map.entry("g.eml", "email"));
    }

    @Test
    void classifyAndSummarizeRunAtTheSameTime() {
        String id = sluice.post("/v1/workflows/document-analysis/runs", "application/json", DATA)
                .body()
                .path("id")
                .asText();
        JsonNode run = sluice.awaitEnd(id, PATIENCE);
        var queued = new HashMap<String, Instant>();
        for (JsonNode step : run.path("steps")) {
            JsonNode attempt = step.path("attempts").path(0);
            if (attempt.has("startedAt")) {
                queued.put(
                        step.path("name").asText(),
                        Instant.parse(attempt.path("startedAt").asText()));
            }
        }
        // Neither waits for the other: both start before either could have been sent after the other's end was
        // committed.
        Instant classifyEnd = end(run, "classify");
        Instant summarizeEnd = end(run, "summarize");
        assertThat(queued.get("summarize")).isBefore(classifyEnd);
        assertThat(queued.get("classify")).isBefore(summarizeEnd);
    }

    @Test
    void aBrokerIsAnsweredWithoutABodyAndItsSecondDeliveryChangesNothing() {
        String[] first = {
            "Prefer",
            "reply",
            "ce-specversion",
            "1.0",
            "ce-type",
            TYPE,
            "ce-source",
            "/tests",
            "ce-id",
            "broker-1",
            "ce-knativearrivaltime",
            "2026-11-30T20:00:00Z"
        };
        String[] second = first.clone();
        second[11] = "2026-11-30T20:00:09Z";
        long before = runs();
        for (String[] headers : List.of(first, second)) {
            Answer answer = sluice.post("/v1/events", "application/json", DATA, headers);
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
            assertThat(answer.text()).isEmpty();
        }
        assertThat(runs()).isEqualTo(before + 1);
    }

    /** Of every status. */
    private static long runs() {
        long all = 0;
        for (JsonNode count : sluice.get("/v1/runs?limit=1").body().path("counts")) all += count.asLong();
        return all;
    }

    @Test
    void aBinaryEventStartsTheWorkflowThatSubscribesToItsTypeOnce() {
        String[] headers = {"ce-specversion", "1.0", "ce-type", TYPE, "ce-source", "/tests", "ce-id", "binary-1"};
        Answer first = sluice.post("/", "application/json", DATA, headers);
        Answer again = sluice.post("/v1/events", "application/json", DATA, headers);
        assertThat(first.status()).as(first.text()).isEqualTo(202);
        assertThat(again.body()).isEqualTo(first.body());
        assertSucceeds(first);
    }

    @Test
    void aStructuredEventStartsTheWorkflowThatSubscribesToItsType() {
        String event = "{\"specversion\": \"1.0\", \"type\": \"" + TYPE + "\", \"source\": \"/tests\", \"id\": \"s-1\","
                + " \"datacontenttype\": \"application/json\", \"data\": " + DATA + "}";
        Answer answer = sluice.post("/v1/events", "application/cloudevents+json", event);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertSucceeds(answer);
    }

    @Test
    void theDashboardIsAtTheRoot() {
        Answer page = sluice.get("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.text()).contains("<title>").contains("Sluice");
    }

    @Test
    void everyRunIsOnOnePageOfAFilteredListWhateverItsLimit() {
        for (int i = 0; i < 5; i++) {
            String document =
                    "{\"document\": {\"name\": \"page-" + i + ".txt\", \"text\": \"Invoice, total 5.00 EUR\"}}";
            sluice.post("/v1/workflows/document-analysis/runs", "application/json", document);
        }
        for (int limit : new int[] {1, 2, 5, 200}) {
            var titles = new ArrayList<String>();
            String cursor = "";
            do {
                JsonNode page =
                        sluice.get("/v1/runs?q=page-&limit=" + limit + cursor).body();
                page.path("runs").forEach(run -> titles.add(run.path("title").asText()));
                cursor = page.path("next").isNull()
                        ? ""
                        : "&cursor=" + page.path("next").asText();
            } while (!cursor.isEmpty());
            assertThat(titles).containsExactly("page-4.txt", "page-3.txt", "page-2.txt", "page-1.txt", "page-0.txt");
        }
    }

    @Test
    void theFeedTellsOfEachChange() throws Exception {
        try (var feed = sluice.feed()) {
            String id = sluice.post("/v1/workflows/document-analysis/runs", "application/json", DATA)
                    .body()
                    .path("id")
                    .asText();
            var told = feed.lines()
                    .filter(line -> line.startsWith("data:") && line.contains(id))
                    .anyMatch(line -> line.contains("\"status\":\"succeeded\""));
            assertThat(told).isTrue();
        }
    }

    @Test
    void everyErrorCodeLeadsToItsPage() {
        Answer problem = sluice.get("/v1/runs/none");
        assertThat(sluice.get(problem.body().path("type").asText()).text()).startsWith("# SL2002");
    }

    private static void assertSucceeds(Answer answer) {
        JsonNode run = sluice.awaitEnd(answer.body().at("/runs/0/id").asText(), PATIENCE);
        assertThat(run.path("status").asText()).as(run.path("error").toString()).isEqualTo("succeeded");
        assertThat(run.path("title").asText()).isEqualTo("a.txt");
    }

    private static Instant end(JsonNode run, String name) {
        for (JsonNode step : run.path("steps")) {
            if (step.path("name").asText().equals(name)) {
                return Instant.parse(step.at("/attempts/0/endedAt").asText());
            }
        }
        throw new AssertionError("no step " + name);
    }
}

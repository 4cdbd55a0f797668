package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same with a real model: that of {@code make model}, by {@code make model-check}. It takes minutes, and its
 * answers are not the same twice, so what it says is not looked at; that it fits the schema, what it used and that it
 * was asked once is.
 */
@EnabledIfSystemProperty(
        named = "sluice.model.url",
        matches = "http.*",
        disabledReason = "needs a real model: make model, then make model-check")
class LocalModelIT {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int DOCUMENTS = Integer.getInteger("sluice.model.documents", 3);

    @TempDir
    static Path directory;

    private static Apart apart;
    private static Sluice core;
    private static Sluice workers;

    @BeforeAll
    static void start() throws IOException {
        String local = "-Dsluice.inference.endpoints.local.";
        apart = new Apart(
                directory,
                List.of(
                        "-Dsluice.inference.model=local",
                        local + "url=" + System.getProperty("sluice.model.url"),
                        local + "input-price=0.1",
                        local + "output-price=0.1",
                        local + "input-characters-max=1500"));
        core = apart.core;
        workers = apart.workers;
    }

    @AfterAll
    static void end() throws IOException {
        apart.close();
    }

    @Test
    void everyDocumentIsFinishedAndNoAnswerIsBoughtTwiceThoughTheWorkersAreKilled() throws Exception {
        var runs = new ArrayList<String>();
        for (int i = 0; i < DOCUMENTS; i++) {
            String text = "Invoice %d of Miller Ltd. Total: %d.00 EUR, to be paid by 2026-12-%02d."
                    .formatted(i, 40 + i, i + 1);
            var document = Sluice.Part.file("invoice-" + i + ".txt", text.getBytes(StandardCharsets.UTF_8));
            runs.add(core.upload(List.of(document)).body().at("/runs/0/id").asText());
        }
        await("the model to be at work").atMost(PATIENCE).until(() -> core.count("running") > 0);
        workers.kill();
        workers.start();
        var bought = new HashMap<String, Integer>();
        long micros = 0;
        for (String id : runs) {
            JsonNode run = core.awaitEnd(id, PATIENCE);
            assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
            assertThat(run.at("/output/label").asText()).isNotEmpty();
            assertThat(run.at("/output/summary").isTextual()).isTrue();
            for (JsonNode line : core.get("/v1/runs/" + id + "/calls").body().path("calls")) {
                micros += line.path("costMicros").asLong();
                if (!line.path("outcome").asText().equals("answered")) continue;
                assertThat(line.path("outputTokens").asLong()).isPositive();
                bought.merge(
                        line.path("step").asText() + " " + line.path("call").asText(), 1, Integer::sum);
            }
            assertBoughtOnce(run, bought);
            bought.clear();
        }
        long booked = 0;
        for (JsonNode row : core.get("/v1/costs?by=workflow").body().path("rows")) {
            if (!row.path("workflow").asText().isEmpty())
                booked += row.path("costMicros").asLong();
        }
        assertThat(booked).isEqualTo(micros);
    }

    /** Once more only after an attempt in which no answer could be used. */
    private static void assertBoughtOnce(JsonNode run, Map<String, Integer> bought) {
        assertThat(bought).hasSizeGreaterThanOrEqualTo(3);
        for (JsonNode step : run.path("steps")) {
            long useless = 0;
            for (JsonNode attempt : step.path("attempts")) {
                if (attempt.at("/problem/code").asText().equals("SL5003")) useless++;
            }
            long most = 1 + useless;
            String prefix = step.path("step").asText() + " ";
            bought.forEach((question, times) -> {
                if (question.startsWith(prefix))
                    assertThat((long) times).as(question).isLessThanOrEqualTo(most);
            });
        }
    }

    @Test
    void aStreamIsPassedOn() {
        Sluice.Answer answer = apart.inference.post(
                "/openai/v1/chat/completions",
                "application/json",
                "{\"stream\": true, \"max_tokens\": 12, \"messages\": [{\"role\": \"user\", \"content\": \"Say hello.\"}]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()
                        .lines()
                        .filter(line -> line.startsWith("data: {"))
                        .count())
                .isGreaterThan(2);
        assertThat(answer.text().strip()).endsWith("data: [DONE]");
    }
}

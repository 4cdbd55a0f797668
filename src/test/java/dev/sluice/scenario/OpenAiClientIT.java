package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code openai} Python package, unmodified, with nothing changed but its base URL. What is asked and expected of
 * it is in {@code src/test/clients/openai_client.py}.
 */
class OpenAiClientIT {
    /** Of one check; importing the package alone takes seconds on a loaded machine. */
    private static final int SECONDS_MAX = 90;

    /** A first installation downloads 20 MB. */
    private static final int INSTALLED_SECONDS_MAX = 300;

    private static final Path CLIENT = Path.of("src", "test", "clients", "openai_client.py");

    @TempDir
    static Path directory;

    private static String python;
    private static Proxied proxied;

    @BeforeAll
    static void start() throws Exception {
        python = output(INSTALLED_SECONDS_MAX, "sh", "build-support/python-clients");
        proxied = Proxied.start(directory, "-Dsluice.inference.tenants.poor.budget-day=0.000001");
    }

    @AfterAll
    static void end() throws IOException {
        proxied.close();
    }

    @AfterEach
    void calm() {
        proxied.calm();
    }

    private static String client(String check) throws Exception {
        return output(SECONDS_MAX, python, CLIENT.toString(), proxied.url, check);
    }

    /** Of a command that succeeds. */
    private static String output(int secondsMax, String... command) throws Exception {
        Path said = directory.resolve("client.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            boolean ended = process.waitFor(secondsMax, TimeUnit.SECONDS);
            String text =
                    java.nio.file.Files.readString(said, StandardCharsets.UTF_8).strip();
            assertThat(ended).as("ended within %d s: %s", secondsMax, text).isTrue();
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void chatsAndIsToldWhatWasUsed() throws Exception {
        assertThat(Integer.parseInt(client("chat"))).isPositive();
    }

    @Test
    void getsAnObjectOfItsOwnClass() throws Exception {
        assertThat(client("structured")).startsWith("\"It says");
    }

    @Test
    void getsTheEventsOfAStreamAsTheyCome() throws Exception {
        assertThat(Integer.parseInt(client("streaming"))).isGreaterThan(5);
        assertThat(Integer.parseInt(client("streaming_without_usage"))).isGreaterThan(5);
    }

    @Test
    void callsToolsAndShowsTheirResults() throws Exception {
        assertThat(client("tools")).startsWith("\"It says");
        assertThat(client("streamed_tools")).isEqualTo("2");
    }

    @Test
    void embedsPackedAndPlain() throws Exception {
        assertThat(client("embeddings")).isEqualTo("2");
    }

    @Test
    void listsModels() throws Exception {
        assertThat(client("models")).contains("\"fast\"", "\"offline\"");
    }

    @Test
    void raisesItsOwnTypedErrors() throws Exception {
        assertThat(client("unknown_model")).contains("SL5005");
        assertThat(client("bad_request")).contains("SL2004");
    }

    @Test
    void isToldThatABudgetIsUsedUp() throws Exception {
        assertThat(client("used_up")).contains("SL5007", "poor");
        assertThat(client("chat")).isNotEmpty();
    }

    @Test
    void waitsAsLongAsItIsToldAndAsksAgain() throws Exception {
        proxied.model.storm(Duration.ofSeconds(10));
        assertThat(Double.parseDouble(client("limited"))).isBetween(0.1, 10.0);
        proxied.model.storm(Duration.ofSeconds(2));
        assertThat(Integer.parseInt(client("patient"))).isPositive();
    }

    @Test
    void isToldOfAStreamThatBrokeOff() throws Exception {
        proxied.model.control("cut-rate=1", "cut=event");
        assertThat(client("broken_stream")).contains("It says");
        proxied.model.control("cut=close");
        assertThat(client("broken_stream")).contains("It says");
    }

    @Test
    void whatItUsedIsInTheBooksAsTheModelBilledIt() throws Exception {
        client("chat");
        client("streaming");
        client("embeddings");
        await().untilAsserted(() -> assertThat(proxied.sluice
                        .get("/v1/costs")
                        .body()
                        .at("/total/costMicros")
                        .asLong())
                .isEqualTo(proxied.model.billing().micros())
                .isPositive());
    }
}

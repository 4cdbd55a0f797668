package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prices in whole micro-dollars, and the file that they come from. */
class PriceTableTest {
    private static final Duration NO_TIME = Duration.ZERO;

    @TempDir
    Path directory;

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("prices.json"), content);
    }

    private String refusal(String content) throws IOException {
        Path file = file(content);
        ProblemException failed = catchThrowableOfType(ProblemException.class, () -> PriceTable.read(file));
        assertThat(failed.problem().code()).isEqualTo("SL1007");
        assertThat(failed.problem().detail()).startsWith("sluice.inference.price-table: " + file + ": ");
        return failed.problem().detail();
    }

    @Test
    void pricesComeFromAFileWithAVersion() throws IOException {
        PriceTable table = PriceTable.read(file("""
                {"version": "2026-11-30", "models": {
                  "gpt-x": {"input": 0.40, "cachedInput": 0.10, "output": 2.50},
                  "plain": {"input": 0.0000001, "output": 1e1},
                  "mine": {"hour": 2.0}}}
                """));
        assertThat(table.version()).isEqualTo("2026-11-30");
        assertThat(table.of("gpt-x")).contains(new Price(400_000, 100_000, 2_500_000, 0));
        assertThat(table.of("plain")).contains(new Price(1, 1, 10_000_000, 0));
        assertThat(table.of("mine")).contains(new Price(0, 0, 0, 2_000_000));
        assertThat(table.of("GPT-X")).isEmpty();
        assertThat(PriceTable.NONE.of("gpt-x")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[] | is not a JSON object",
                "{\"version\" | is not JSON at line 1, column",
                "{\"models\":{}} | \"version\"",
                "{\"version\":1,\"models\":{}} | \"version\"",
                "{\"version\":\" \",\"models\":{}} | \"version\"",
                "{\"version\":\"1\"} | an object as \"models\"",
                "{\"version\":\"1\",\"model\":{}} | has \"model\", which is none of models, version",
                "{\"version\":\"1\",\"models\":{\"m\":1}} | model \"m\" must be an object",
                "{\"version\":\"1\",\"models\":{\"m\":{\"output\":1}}} | model \"m\" has no \"input\"",
                "{\"version\":\"1\",\"models\":{\"m\":{\"input\":1}}} | model \"m\" has no \"output\"",
                "{\"version\":\"1\",\"models\":{\"m\":{\"input\":-1,\"output\":1}}} | model \"m\" \"input\" must be",
                "{\"version\":\"1\",\"models\":{\"m\":{\"input\":\"1\",\"output\":1}}} | model \"m\" \"input\" must be",
                "{\"version\":\"1\",\"models\":{\"m\":{\"hour\":1e9}}} | model \"m\" \"hour\" must be",
                "{\"version\":\"1\",\"models\":{\"m\":{\"hour\":null}}} | model \"m\" \"hour\" must be",
                "{\"version\":\"1\",\"models\":{\"m\":{\"cachedinput\":1}}} | model \"m\" has \"cachedinput\"",
                "{\"version\":\"1\",\"models\":{\"m\":{\"hour\":1},\"m\":{\"hour\":2}}} | Duplicate field 'm'",
                "{\"version\":\"1\",\"models\":{}} x | is not JSON",
            })
    void aTableThatCannotBeUsedIsRefusedWithItsPlace(String content, String message) throws IOException {
        assertThat(refusal(content)).contains(message);
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        ProblemException failed =
                catchThrowableOfType(ProblemException.class, () -> PriceTable.read(directory.resolve("none.json")));
        assertThat(failed.problem().detail()).contains("none.json", "cannot be read (NoSuchFileException)");
    }

    @Test
    void tokensAreRoundedUpOnceAndCachedOnesHaveTheirOwnPrice() {
        Price price = new Price(400_000, 100_000, 2_500_000, 0);
        assertThat(price.cost(new Tokens(1_000, 0, 200), NO_TIME, 1)).isEqualTo(900);
        assertThat(price.cost(new Tokens(1_000, 1_000, 0), NO_TIME, 1)).isEqualTo(100);
        assertThat(price.cost(new Tokens(1, 0, 1), NO_TIME, 1)).isEqualTo(3);
        assertThat(price.cost(new Tokens(10, 99, 0), NO_TIME, 1))
                .as("no more cached than sent")
                .isEqualTo(1);
        assertThat(price.cost(Tokens.NONE, Duration.ofHours(1), 1)).isZero();
    }

    @Test
    void anHourIsSharedByThePlacesOfTheEndpoint() {
        Price price = new Price(0, 0, 0, 3_600_000);
        assertThat(price.cost(Tokens.NONE, Duration.ofHours(1), 1)).isEqualTo(3_600_000);
        assertThat(price.cost(Tokens.NONE, Duration.ofSeconds(1), 10)).isEqualTo(100);
        assertThat(price.cost(Tokens.NONE, Duration.ofMillis(1), 16))
                .as("rounded up")
                .isEqualTo(1);
        assertThat(price.cost(Tokens.NONE, Duration.ofMillis(-5), 16)).isZero();
    }

    @Test
    void whatNoEndpointCanMeanCostsTheMostInsteadOfNothing() {
        Price price = new Price(400_000, 2_500_000);
        assertThat(price.cost(new Tokens(Long.MAX_VALUE, 0, 1))).isEqualTo(Long.MAX_VALUE);
        assertThat(price.cost(new Tokens(-5, -5, -5))).isZero();
    }
}

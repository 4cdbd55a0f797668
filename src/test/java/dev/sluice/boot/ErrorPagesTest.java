package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.workflow.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorPagesTest {
    private static final Path PAGES = Path.of("src/main/resources/errors");

    @ParameterizedTest
    @EnumSource(Code.class)
    void everyCodeHasAPageThatSaysWhyAndWhatToDo(Code code) throws IOException {
        List<String> lines = Files.readAllLines(PAGES.resolve(code + ".md"));
        assertThat(lines.getFirst()).isEqualTo("# " + code + " " + code.title());
        assertThat(lines).contains("## Why it happens", "## What to do").hasSizeLessThanOrEqualTo(25);
    }

    @Test
    void everyPageHasACode() throws IOException {
        try (var pages = Files.list(PAGES)) {
            assertThat(pages.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(Code.values()).map(c -> c + ".md").toList());
        }
    }
}

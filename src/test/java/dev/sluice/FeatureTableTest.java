package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of the DSL's features in docs/workflows.md promises a test in each row; the tests are there. */
class FeatureTableTest {
    private static final Path TESTS = Path.of("src/test/java/dev/sluice");
    private static final Pattern NAMED = Pattern.compile("`((?:\\w+/)?\\w+Test)`");

    private static List<String> rows() throws IOException {
        String page = Files.readString(Path.of("docs/workflows.md"));
        String table = page.substring(page.indexOf("| Feature |"));
        return table.substring(0, table.indexOf("\n\n")).lines().skip(2).toList();
    }

    @Test
    void everyRowNamesATestThatExists() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(30);
        for (String row : rows()) {
            List<String> named =
                    NAMED.matcher(row).results().map(m -> m.group(1)).toList();
            assertThat(named).as(row).isNotEmpty();
            for (String test : named) {
                String file = test.contains("/") ? test : "workflow/" + test;
                assertThat(TESTS.resolve(file + ".java")).as(row).exists();
            }
        }
    }

    @Test
    void everyRowSaysWhetherTheFeatureIsThere() throws IOException {
        assertThat(rows()).allMatch(row -> row.split("\\|")[2].strip().matches("(supported|refused).*"));
    }
}

package dev.sluice.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.workflow.DefinitionReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every document under examples/workflows. */
class ExampleDocumentsTest {
    static final Path FOLDER = Path.of("examples/workflows");

    static List<String> names() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void aDocumentCanBeDeployed(String name) throws IOException {
        assertThat(new DefinitionReader().check(Files.readString(FOLDER.resolve(name))))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aDocumentSaysWhatItShowsAndHowToRunIt(String name) throws IOException {
        String text = Files.readString(FOLDER.resolve(name));
        String head = text.substring(0, text.indexOf("document:"));
        assertThat(head.lines()).allMatch(line -> line.startsWith("#")).hasSizeGreaterThan(4);
        assertThat(head).contains("curl", "@examples/workflows/" + name, "/v1/workflows");
        assertThat(text).contains("\n  name: " + name.replace(".yaml", "") + "\n");
        assertThat(text.lines()).allMatch(line -> line.length() <= 120);
    }

    @Test
    void thePageOfTheFolderListsEveryDocument() throws IOException {
        String page = Files.readString(FOLDER.resolve("README.md"));
        assertThat(names()).hasSizeGreaterThanOrEqualTo(12).allMatch(name -> page.contains("(" + name + ")"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void aDocumentIsRunByATest(String name) throws IOException {
        String tests = Files.readString(Path.of("src/test/java/dev/sluice/examples/ExamplesTest.java"))
                + Files.readString(Path.of("src/test/java/dev/sluice/examples/AgentExamplesTest.java"));
        assertThat(tests).contains("\"" + name.replace(".yaml", "") + "\"");
    }
}

package dev.sluice.functions;

import static dev.sluice.functions.Documents.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Text that is cheap to send and would be dear to read: a pattern cannot be interrupted, and keeps its place. */
class HostileTextTest {
    private final DocumentReader reader = new DocumentReader(Duration.ofSeconds(10), 1);

    private DocumentText read(String name, String text) {
        return reader.read(name, "", utf8(text));
    }

    @Test
    void aMarkdownHeadingWithAHundredThousandSpacesKeptTheReadingThreadForEver() {
        assertThat(read("a.md", "# a" + " ".repeat(100_000) + "b").title()).startsWith("a ");
    }

    @Test
    void aHeadingOfMarksAloneIsNoTitle() {
        assertThat(read("a.md", "# ####\n#\ttitle ##\n").title()).isEqualTo("title");
    }

    @Test
    void aTextThatBeginsWithTenThousandSpacesWasCalledDamaged() {
        assertThat(read("a.txt", " ".repeat(10_000) + "text").text()).endsWith(" text");
    }

    @Test
    void aPageBehindCommentsIsStillAPage() {
        assertThat(read("a", "<!-- a -->\n".repeat(300) + "<html><p>text</html>")
                        .mediaType())
                .isEqualTo("text/html");
    }

    @Test
    void textBeyondTheLimitWasCalledDamaged() {
        DocumentText text = new DocumentReader().read("words.txt", "", Documents.utf8("alpha beta ".repeat(1_500_000)));
        assertThat(text.truncated()).isTrue();
        assertThat(text.text()).startsWith("alpha beta");
    }
}

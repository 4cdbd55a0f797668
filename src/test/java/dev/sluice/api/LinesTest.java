package dev.sluice.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
    private final Lines lines = new Lines(8);

    private List<String> take(String... pieces) {
        var seen = new ArrayList<Lines.Line>();
        for (String piece : pieces) seen.addAll(lines.take(piece.getBytes(StandardCharsets.UTF_8)));
        seen.addAll(lines.end());
        return seen.stream()
                .map(line -> line.number() + ":"
                        + (line.text() == null
                                ? "too long, " + line.length()
                                : new String(line.text(), StandardCharsets.UTF_8)))
                .toList();
    }

    @Test
    void aLineMayComeInAnyPieces() {
        assertThat(take("a", "b\nc", "d", "\n", "e\nf\n")).containsExactly("1:ab", "2:cd", "3:e", "4:f");
    }

    @Test
    void theLastLineNeedsNoLineFeed() {
        assertThat(take("a\nb")).containsExactly("1:a", "2:b");
    }

    @Test
    void nothingBehindTheLastLineFeedIsNoLine() {
        assertThat(take("a\n")).containsExactly("1:a");
        assertThat(take("")).isEmpty();
    }

    @Test
    void anEmptyLineCounts() {
        assertThat(take("\n\na\n")).containsExactly("1:", "2:", "3:a");
    }

    @Test
    void aLineThatIsTooLongIsLeftOutAndTheNextOneIsWhole() {
        assertThat(take("12345678\n123456789\nab\n")).containsExactly("1:12345678", "2:too long, 9", "3:ab");
    }

    @Test
    void aLineThatIsTooLongInManyPiecesIsCountedToItsEnd() {
        assertThat(take("12345", "67890", "12345", "x\nab")).containsExactly("1:too long, 16", "2:ab");
    }
}

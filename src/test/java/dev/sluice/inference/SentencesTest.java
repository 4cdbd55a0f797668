package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentencesTest {
    @Test
    void aTextThatIsOneLongWordIsSplitAllTheSame() {
        assertThat(Summary.of(Document.of("a".repeat(20_000), ""), 3)).hasSizeLessThanOrEqualTo(201);
        assertThat(Sentences.of("a".repeat(20_000)))
                .hasSizeGreaterThan(30)
                .allSatisfy(sentence -> assertThat(sentence).hasSizeLessThanOrEqualTo(601));
    }
}

package dev.sluice.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FoundInUseTest {
    @Test
    void anUnknownWorkflowWasAnsweredWithTheNamesOfThousands() {
        var known = IntStream.range(0, 1_000).mapToObj(n -> "default.w" + n).toList();
        assertThat(Starts.unknown("nope", known).detail())
                .contains("'nope'", "default.w0, default.w1,", "and 980 more")
                .doesNotContain("default.w20");
    }

    @Test
    void fewWorkflowsAreNamedAll() {
        assertThat(Starts.unknown("nope", List.of("a.b", "c.d")).detail()).endsWith("Deployed: a.b, c.d");
    }
}

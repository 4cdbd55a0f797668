package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisitTest {
    @ParameterizedTest
    @CsvSource({"/do/0/x, '', 1", "/do/0/x, 7.0, 2", "/do/0/a!b, '', 3", "/do/0/a#!1, 4, 1", "/do/0/a!1, '', 0"})
    void aVisitAfterAResetIsToldFromItsFormerSelfByTheNumberAlone(String pointer, String path, int resets) {
        assertThat(Visit.withoutResets(Visit.key(pointer, path, resets))).isEqualTo(Visit.key(pointer, path, 0));
        assertThat(Visit.pointerOf(Visit.key(pointer, path, resets))).isEqualTo(pointer);
    }
}

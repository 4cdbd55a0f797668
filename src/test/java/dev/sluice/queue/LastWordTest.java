package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LastWordTest {
    private final LastWord<String> words = new LastWord<>();

    private static Supplier<String> fails(Code code) {
        return () -> {
            throw Problem.of(code, "gone").asException();
        };
    }

    @Test
    void theLastAnswerStandsWhileRedisIsAway() {
        words.ask("w", () -> "old");
        words.ask("w", () -> "new");
        assertThat(words.ask("w", fails(Code.SL2016))).isEqualTo("new");
    }

    @Test
    void whatWasNeverAnsweredIsNotMadeUp() {
        words.ask("w", () -> "a");
        assertThatThrownBy(() -> words.ask("other", fails(Code.SL2016))).hasMessageContaining("SL2016");
    }

    @Test
    void anotherErrorIsNoSilence() {
        words.ask("w", () -> "a");
        assertThatThrownBy(() -> words.ask("w", fails(Code.SL2018))).hasMessageContaining("SL2018");
    }
}

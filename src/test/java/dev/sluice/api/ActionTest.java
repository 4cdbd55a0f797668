package dev.sluice.api;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.RunHead;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActionTest {
    private static final Map<String, RunHead> STATES = Map.of(
            "accepted", new Story("do: [ { x: { call: f } } ]").head(),
            "running", calling().head(),
            "paused", calling().take(new Event.PauseRequested(T0)).head(),
            "succeeded", Story.begun("do: [ { x: { set: { v: 1 } } } ]").head(),
            "failed",
                    calling()
                            .take(new Event.StepFailed("/do/0/x", 1, Problem.of(Code.SL4003, "x"), Usage.NONE, T0, T0))
                            .head(),
            "cancelled", calling().take(new Event.KillRequested("", T0)).head());

    private static Story calling() {
        return Story.begun("do: [ { x: { call: f } } ]");
    }

    @ParameterizedTest
    @CsvSource({
        "CANCEL, accepted running paused",
        "KILL, accepted running paused",
        "PAUSE, accepted running paused",
        "RESUME, paused",
        "RETRY, failed",
        "MOVE, accepted running paused failed",
        "RESET, running paused succeeded failed cancelled",
        "FORK, accepted running paused succeeded failed cancelled",
        "SIGNAL, accepted running paused"
    })
    void anActionIsPossibleFromTheseStates(Action action, String possible) {
        STATES.forEach((name, head) -> {
            if (possible.contains(name))
                assertThatCode(() -> action.check(head)).doesNotThrowAnyException();
            else {
                assertThatThrownBy(() -> action.check(head))
                        .as(name)
                        .hasMessageContaining("SL2019")
                        .hasMessageContaining("cannot " + action.word() + " run r: ");
            }
        });
    }

    @Test
    void aRefusalSaysWhereTheRunStandsAndWhatIsPossible() {
        assertThatThrownBy(() -> Action.CANCEL.check(STATES.get("succeeded")))
                .hasMessageContaining("cannot cancel run r: it succeeded at 2026-01-01T00:00:00Z. Start a new run");
        assertThatThrownBy(() -> Action.RESUME.check(STATES.get("failed")))
                .hasMessageContaining("it failed at ")
                .hasMessageContaining("POST /v1/runs/r/retry");
    }

    @Test
    void aSignalIsNothingThatIsAskedByName() {
        assertThat(Action.of("signal")).isEmpty();
        assertThat(Action.of("fork")).contains(Action.FORK);
        assertThat(Action.words()).isEqualTo("cancel, kill, pause, resume, retry, move, reset, fork");
    }
}

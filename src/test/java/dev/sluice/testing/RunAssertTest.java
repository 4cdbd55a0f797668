package dev.sluice.testing;

import static dev.sluice.testing.Flows.flow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.test.Answer;
import dev.sluice.test.RunAssert;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.RunStatus;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunAssertTest {
    private static RunUnderTest finished() {
        var sluice = new VirtualSluice();
        sluice.function("reserve")
                .answers(Answer.retryable("busy"), Answer.of("{ok: true}").costing(1, 2, 3));
        return sluice.deploy(flow("""
                        do:
                        - never: { if: '${ false }', set: { x: 1 } }
                        - reserve: { call: reserve, with: { n: 1 }, export: { as: '${ { a: 1 } }' } }
                        - tell: { emit: { event: { with: { source: https://x.example, type: told, data: { n: 1 } } } } }
                        - end: { set: { n: 1.0 } }
                        """)).start().runToEnd();
    }

    @Test
    void whatHoldsPasses() {
        assertThat(finished())
                .succeeded()
                .hasEnded()
                .hasOutput("{n: 1}")
                .hasContext("{a: 1}")
                .hasAttempts("reserve", 2)
                .hasAttempts("/do/1/reserve", 2)
                .finishedInOrder("reserve", "tell", "end")
                .counts(Kind.ATTEMPT_FAILED, "", 1)
                .skipped("never")
                .neverReached("never")
                .called("reserve", "{n: 1}")
                .calledTimes("reserve", 2)
                .emitted("told", "{n: 1}")
                .hasTokens(1, 2)
                .hasCostMicros(3)
                .hasCostMicrosAtMost(3);
    }

    static Stream<Consumer<RunAssert>> doNotHold() {
        return Stream.of(
                RunAssert::failed,
                RunAssert::isCancelled,
                RunAssert::isPaused,
                run -> run.hasStatus(RunStatus.WAITING),
                run -> run.failedWith(Code.SL4012),
                run -> run.failedWithType("urn:x"),
                run -> run.failedAt("reserve"),
                run -> run.hasOutput("{n: 2}"),
                run -> run.hasContext("{a: 2}"),
                run -> run.hasAttribute("a", "b"),
                run -> run.hasAttempts("reserve", 1),
                run -> run.finishedInOrder("end", "reserve"),
                run -> run.finished("reserve", 2),
                run -> run.counts(Kind.STEP_FAILED, "", 1),
                run -> run.neverReached("reserve"),
                run -> run.skipped("reserve"),
                run -> run.caughtError("reserve"),
                run -> run.called("charge"),
                run -> run.called("reserve", "{n: 2}"),
                run -> run.calledTimes("reserve", 1),
                run -> run.neverCalled("reserve"),
                run -> run.emitted("heard"),
                run -> run.emitted("told", "{n: 2}"),
                run -> run.hasTokens(1, 1),
                run -> run.hasCostMicros(4),
                run -> run.hasCostMicrosAtMost(2),
                run -> run.waitsFor("reserve"),
                run -> run.waitsUntil("reserve", VirtualSluice.START),
                run -> run.listensAt("reserve"));
    }

    @ParameterizedTest
    @MethodSource
    void doNotHold(Consumer<RunAssert> assertion) {
        RunAssert run = assertThat(finished());
        assertThatThrownBy(() -> assertion.accept(run))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run-1 of test.trial is succeeded: {\"n\":1.0}")
                .hasMessageContaining("+0d 00:00:00 ATTEMPT_FAILED /do/1/reserve attempt 1")
                .hasMessageContaining("RUN_SUCCEEDED");
    }

    @Test
    void theMessageSaysWhatWasExpected() {
        assertThatThrownBy(() -> assertThat(finished()).hasAttempts("reserve", 7))
                .hasMessageStartingWith("expected 7 attempts of reserve (there were 2), but it is not so.");
    }

    @Test
    void aLongHistoryIsShownFromItsEnd() {
        var sluice = new VirtualSluice();
        var run = sluice.deploy(flow(
                        "do: [ { all: { for: { in: '${ [range(500)] }' }, do: [ { one: { set: '${ . }' } } ] } } ]"))
                .start();
        List<String> lines = run.story().lines().toList();
        assertThat(lines).hasSizeLessThan(410).anyMatch(line -> line.contains("earlier lines"));
        assertThat(lines).anyMatch(line -> line.contains("RUN_SUCCEEDED"));
    }
}

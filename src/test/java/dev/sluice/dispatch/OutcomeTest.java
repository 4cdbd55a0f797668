package dev.sluice.dispatch;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each end of an attempt means to the window. */
class OutcomeTest {
    private static final Duration WAIT = Duration.ofSeconds(7);

    private static Outcome of(Problem problem) {
        return Outcome.of(new Event.StepFailed("/do/0/x", 1, problem, Usage.NONE, T0, T0));
    }

    @Test
    void workThatIsDoneOrTakenOnIsAnAnswer() {
        var output = Value.of(NullNode.instance);
        assertThat(Outcome.of(new Event.StepSucceeded("/do/0/x", 1, output, Usage.NONE, T0, T0)))
                .isEqualTo(Outcome.ANSWERED);
        assertThat(Outcome.of(new Event.StepDeferred("/do/0/x", 1, WAIT, Usage.NONE, T0)))
                .isEqualTo(Outcome.ANSWERED);
    }

    @ParameterizedTest
    @CsvSource({
        "SL4010, UNREACHABLE",
        "SL4040, UNREACHABLE",
        "SL4041, UNREACHABLE",
        "SL4043, UNREACHABLE",
        "SL4011, TIMED_OUT",
        "SL4012, FAILED",
        "SL4013, FAILED",
        "SL4042, FAILED",
        "SL5004, FAILED",
        "SL9001, ABORTED"
    })
    void aFailureSaysWhetherTheFunctionIsThere(Code code, Outcome.Kind kind) {
        assertThat(of(Problem.of(code, "").retry()).kind()).isEqualTo(kind);
    }

    @Test
    void anAnswerThatThereIsNoSuchFunctionIsAnAnswer() {
        assertThat(of(Problem.of(Code.SL4010, "").status(404))).isEqualTo(Outcome.FAILED);
    }

    @ParameterizedTest
    @CsvSource({"429", "503"})
    void aFunctionThatIsBusySaysForHowLong(int status) {
        assertThat(of(Problem.of(Code.SL4012, "").status(status).retryAfter(WAIT)))
                .isEqualTo(Outcome.busy(WAIT));
    }

    @Test
    void anApiThatIsBusyBehindAFunctionIsNotTheFunction() {
        assertThat(of(Problem.of(Code.SL4015, "").status(429).retryAfter(WAIT))).isEqualTo(Outcome.FAILED);
    }
}

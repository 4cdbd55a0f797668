package dev.sluice.api;

import static dev.sluice.queue.RealRedis.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.inference.Ledger;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunCallsTest {
    private static final String X = "/do/0/x";

    /** Of a step whose first attempt has failed. */
    private static RunCalls failed() {
        Problem busy = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofSeconds(1));
        return new RunCalls(Story.begun("do: [ { x: { call: f } } ]")
                .take(new Event.StepFailed(X, 1, busy, Usage.NONE, T0, T0))
                .steps());
    }

    private static Ledger.Entry line(String step, int attempt, String rung, long micros, long uncertain) {
        return new Ledger.Entry(
                T0, step, attempt, "c", "e", "one", "m", 10, 4, 2, micros, uncertain, 7, "answered", rung, false, "v1");
    }

    private static List<CallViews.Call> shown(RunCalls calls) {
        return calls.steps().getFirst().attempts().getFirst().calls();
    }

    @Test
    void eachRungIsShownUnderTheAttemptThatMadeIt() {
        RunCalls calls = failed();
        calls.add(line(X, 1, "asked", 30, 0));
        calls.add(line(X, 1, "corrected", 40, 0));
        assertThat(shown(calls))
                .extracting(CallViews.Call::rung, CallViews.Call::costMicros)
                .containsExactly(tuple("asked", 30L), tuple("corrected", 40L));
    }

    @Test
    void theCostIsThatOfAllLinesAlsoOfThoseThatAreNotShown() {
        RunCalls calls = failed();
        calls.add(line(X, 1, "asked", 30, 0));
        calls.add(line(X, 9, "asked", 500, 0));
        calls.add(line("/do/7/gone", 1, "asked", 1_000, 5));
        assertThat(calls.cost()).isEqualTo(new CallViews.Cost(1_530, 5));
        assertThat(shown(calls)).hasSize(1);
    }

    @Test
    void anAttemptShowsItsFirstHundredCalls() {
        RunCalls calls = failed();
        for (int i = 0; i < 150; i++) calls.add(line(X, 1, "tool", 1, 0));
        assertThat(shown(calls)).hasSize(RunCalls.SHOWN_MAX);
        assertThat(calls.cost().micros()).isEqualTo(150);
    }
}

package dev.sluice.testing;

import static dev.sluice.test.Json.json;
import static dev.sluice.testing.Flows.flow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.test.Answer;
import dev.sluice.test.Call;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RetryPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SluiceExtension.class)
class FunctionScriptTest {
    private static final String ONE_CALL = flow("do: [ { ask: { call: f, with: { n: '${ .n }' } } } ]");

    @Test
    void answersComeInTheirOrderAndTheLastOneStays(VirtualSluice sluice) {
        sluice.function("f").answers("1", "2");
        var flow = sluice.deploy(ONE_CALL);
        assertThat(flow.start()).hasOutput("1");
        assertThat(flow.start()).hasOutput("2");
        assertThat(flow.start()).hasOutput("2");
    }

    @Test
    void theFirstRuleThatFitsAnswers(VirtualSluice sluice) {
        sluice.function("f")
                .when(call -> call.arguments().path("n").asInt() > 9, Answer.fails("too much"))
                .answers("{ok: true}");
        var flow = sluice.deploy(ONE_CALL);
        assertThat(flow.start("{n: 10}")).failedWith(Code.SL4012);
        assertThat(flow.start("{n: 9}")).hasOutput("{ok: true}");
    }

    @Test
    void aCallThatNoRuleFitsFailsTheTest(VirtualSluice sluice) {
        sluice.function("f").when(call -> false, Answer.of("1"));
        var flow = sluice.deploy(ONE_CALL);
        assertThatThrownBy(flow::start)
                .hasMessageContaining("no rule of the function 'f' fits the call: f {\"n\":null}");
    }

    @Test
    void aCallTellsWhoAskedWhat(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.retryable("busy"), Answer.of("1"));
        RunUnderTest run = sluice.deploy(ONE_CALL).start("{n: 4}").runToEnd();
        Call call = sluice.lastCall("f");
        assertThat(call.arguments()).isEqualTo(json("{n: 4}"));
        assertThat(call.attempt()).isEqualTo(2);
        assertThat(call.stepName()).isEqualTo("ask");
        assertThat(call.run()).isEqualTo(run.id());
        assertThat(sluice.calls("f")).extracting(Call::idempotencyKey).containsOnly("run-1:/do/0/ask");
        assertThat(run).hasAttempts("ask", 2).counts(Kind.ATTEMPT_FAILED, "ask", 1);
    }

    @Test
    void aFailureThatAsksToWaitIsTriedAgainThen(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.retryAfter(Duration.ofHours(2)), Answer.of("1"));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        run.advance(Duration.ofHours(2).minusMillis(1));
        assertThat(run).hasAttempts("ask", 1).waitsFor("ask");
        run.advance(RetryPolicy.DEFAULT.delayMax());
        assertThat(run).succeeded().hasAttempts("ask", 2);
    }

    @Test
    void aLostAttemptEndsWhenTheFunctionsTimeIsOver(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.lost(), Answer.of("1"));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        run.advance(VirtualSluice.FUNCTION_TIMEOUT.minusMillis(1));
        assertThat(run).hasAttempts("ask", 1).waitsFor("ask");
        assertThat(run.runToEnd()).succeeded().hasAttempts("ask", 2);
    }

    @Test
    void aLateResultChangesNothing(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.of("'late'").after(Duration.ofMinutes(11)), Answer.of("'in time'"));
        RunUnderTest run = sluice.deploy(ONE_CALL).start().advance(Duration.ofHours(1));
        assertThat(run).hasOutput("'in time'").counts(Kind.STEP_SUCCEEDED, "ask", 1);
    }

    @Test
    void aSecondResultChangesNothing(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.of("1").costing(10, 20, 30).twice());
        assertThat(sluice.deploy(ONE_CALL).start())
                .hasOutput("1")
                .counts(Kind.STEP_SUCCEEDED, "ask", 1)
                .hasTokens(10, 20)
                .hasCostMicros(30);
    }

    @Test
    void aSlowAnswerTakesVirtualTime(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.of("1").after(Duration.ofSeconds(40)));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        assertThat(run).waitsFor("ask");
        assertThat(run.runToEnd()).succeeded();
        assertThat(sluice.now()).isEqualTo(VirtualSluice.START.plusSeconds(40));
    }

    @Test
    void aDeferredCallGetsItsResultFromTheTest(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.deferred(Duration.ofMinutes(5)));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        run.advance(Duration.ofMinutes(4));
        sluice.heartbeat(sluice.lastCall("f"));
        run.advance(Duration.ofMinutes(4));
        assertThat(run).counts(Kind.STEP_DEFERRED, "ask", 1).waitsFor("ask");
        sluice.result(sluice.lastCall("f"), Answer.of("{done: true}"));
        assertThat(run).hasOutput("{done: true}").hasAttempts("ask", 1);
    }

    @Test
    void aDeferredCallThatFallsSilentIsTriedAgain(VirtualSluice sluice) {
        sluice.function("f")
                .answers(
                        Answer.deferred(Duration.ofMinutes(5)).beating(Duration.ofMinutes(4), 2),
                        Answer.deferred(Duration.ofMinutes(5))
                                .beating(Duration.ofMinutes(4), 3)
                                .then(Answer.of("1").after(Duration.ofMinutes(1))));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        run.advance(Duration.ofMinutes(13));
        assertThat(run).counts(Kind.ATTEMPT_FAILED, "ask", 1);
        assertThat(run.runToEnd()).hasOutput("1").hasAttempts("ask", 2);
    }

    @Test
    void onlyADeferralHasHeartbeats() {
        assertThatThrownBy(() -> Answer.of("1").beating(Duration.ofMinutes(1), 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTaskThatNobodyTakesRunsOutOfItsScheduleToStart(VirtualSluice sluice) {
        sluice.function("f").answers("1").startsAfter(Duration.ofMinutes(2));
        var flow = sluice.deploy(
                flow("do: [ { ask: { call: f, metadata: { scheduleToStart: PT1M, attemptsMax: 1 } } } ]"));
        assertThat(flow.start().runToEnd()).failedWith(Code.SL4011).neverCalled("f");
    }

    @Test
    void anAttemptThatIsNotWantedAnyMoreIsAborted(VirtualSluice sluice) {
        sluice.function("f").answers(Answer.of("1").after(Duration.ofMinutes(9)));
        RunUnderTest run = sluice.deploy(ONE_CALL).start();
        run.cancel("changed my mind");
        assertThat(run).isCancelled();
        assertThat(sluice.isAborted(sluice.lastCall("f"))).isTrue();
    }

    @Test
    void aFunctionAsksAModelAndItsCostIsTheRuns(VirtualSluice sluice) {
        sluice.model("small").says("first", "second").costing(100, 10, 7);
        sluice.function("f")
                .computes(call -> json("{said: '" + call.ask("small", "one") + " " + call.ask("small", "two") + "'}"));
        assertThat(sluice.deploy(ONE_CALL).start())
                .hasOutput("{said: 'first second'}")
                .hasTokens(200, 20)
                .hasCostMicros(14);
    }

    @Test
    void aModelThatFailsFailsTheAttemptAndWhatWasPaidIsKept() {
        var once = new RetryPolicy(1, Duration.ofSeconds(1), 1, Duration.ofSeconds(1), 0);
        var sluice = new VirtualSluice(VirtualSluice.START, once);
        sluice.model("small")
                .says("first")
                .fails(Problem.of(Code.SL5001, "gone").retry())
                .costing(100, 10, 7);
        sluice.function("f").computes(call -> json("'" + call.ask("small", "1") + call.ask("small", "2") + "'"));
        assertThat(sluice.deploy(ONE_CALL).start()).failedWith(Code.SL5001).hasCostMicros(7);
    }

    @Test
    void aModelWithoutAScriptFailsTheTest(VirtualSluice sluice) {
        sluice.function("f").computes(call -> json("'" + call.ask("large", "1") + "'"));
        var flow = sluice.deploy(ONE_CALL);
        assertThatThrownBy(flow::start).hasMessageContaining("the model 'large' was asked by /do/0/ask");
    }
}

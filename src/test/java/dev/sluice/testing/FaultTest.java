package dev.sluice.testing;

import static dev.sluice.test.Json.json;
import static dev.sluice.testing.Flows.flow;
import static dev.sluice.testing.Flows.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import dev.sluice.test.Answer;
import dev.sluice.test.Call;
import dev.sluice.test.Fault;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultTest {
    private static final String SUB = named("sub", "do: [ { rest: { wait: PT1M } }, { w: { call: work } } ]");

    /** Every kind of step that waits for something outside. */
    private static final String ALL_KINDS = named("parent", """
            do:
            - ask: { call: f, with: { n: 1 }, output: { as: '${ { f: . } }' } }
            - sub: { run: { workflow: { namespace: test, name: sub, version: latest } } }
            - both:
                fork:
                  branches:
                  - slow: { call: slow, metadata: { startToClose: PT2M } }
                  - rest: { wait: PT30S }
            - tried:
                try: [ { risky: { call: risky } } ]
                catch: { retry: { delay: PT10S, limit: { attempt: { count: 2 } } } }
            - each:
                for: { in: '${ [range(250)] }' }
                do: [ { add: { set: '${ { sum: ((.sum // 0) + $item) } }' } } ]
            - tell: { emit: { event: { with: { source: https://p.example, type: told } } } }
            - wait: { listen: { to: { one: { with: { type: answered } } } } }
            """);

    private static RunUnderTest playAll(VirtualSluice sluice) {
        sluice.deploy(SUB);
        sluice.function("f").answers(Answer.retryable("busy"), Answer.of("{ok: true}"));
        sluice.function("work").answers("{worked: true}");
        sluice.function("slow").answers(Answer.lost(), Answer.of("1").after(Duration.ofSeconds(90)));
        sluice.function("risky")
                .answers(
                        Answer.retryable("no"),
                        Answer.deferred(Duration.ofMinutes(1))
                                .beating(Duration.ofSeconds(50), 2)
                                .then(Answer.of("{sum: 0}")));
        RunUnderTest run = sluice.deploy(ALL_KINDS).start();
        run.advance(Duration.ofHours(1));
        return run.signal("answered", "{by: 'me'}");
    }

    @Test
    void aRunOfEveryKindOfStepSurvivesACrashAtEveryBoundary() {
        int boundaries = VirtualSluice.crashAtEveryStep(sluice -> {
            RunUnderTest run = playAll(sluice);
            assertThat(run).hasOutput("[{by: 'me'}]").finished("add", 250);
            return run;
        });
        assertThat(boundaries).isGreaterThan(20);
    }

    private static RunUnderTest steered(VirtualSluice sluice) {
        sluice.function("f")
                .answers(Answer.fails("first"), Answer.of("1").after(Duration.ofMinutes(3)), Answer.of("{n: 2}"));
        RunUnderTest run = sluice.deploy(flow("""
                        timeout: { after: PT10H }
                        do:
                        - ask: { call: f }
                        - hear:
                            listen:
                              to:
                                any: [ { with: { type: news } } ]
                                until: { one: { with: { type: stop } } }
                            foreach:
                              item: news
                              do:
                              - read: { call: f, with: { n: '${ $news.n }' }, timeout: { after: PT1H } }
                              - rest: { wait: PT1M }
                        - guarded:
                            try: [ { race: { fork: { compete: true, branches: [
                                     { a: { wait: PT2H } }, { b: { call: f, timeout: { after: PT20M } } } ] } } } ]
                            catch:
                              errors: { with: { type: 'urn:sluice:cancelled' } }
                              do: [ { undo: { call: f } } ]
                        - last: { wait: PT30M }
                        """)).start();
        run.advance(Duration.ofMinutes(1))
                .retry()
                .advance(Duration.ofMinutes(1))
                .pause();
        run.advance(Duration.ofMinutes(30)).resume();
        sluice.send("news", "{n: 1}");
        sluice.send("news", "{n: 2}");
        run.pause().advance(Duration.ofMinutes(10)).resume().advance(Duration.ofMinutes(10));
        sluice.send("stop", "{}");
        return run;
    }

    @Test
    void aRunThatPeopleSteerSurvivesACrashAtEveryBoundary() {
        assertThat(VirtualSluice.crashAtEveryStep(sluice -> steered(sluice).runToEnd()))
                .isGreaterThan(10);
        assertThat(VirtualSluice.crashAtEveryStep(sluice -> steered(sluice).cancel("enough")))
                .isGreaterThan(10);
        assertThat(VirtualSluice.crashAtEveryStep(sluice -> {
                    RunUnderTest again = steered(sluice).runToEnd().reset("last");
                    return again.runToEnd();
                }))
                .isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void noFaultChangesWhatComesOut(Fault fault) {
        assertThat(playAll(new VirtualSluice().inject(fault)))
                .hasOutput("[{by: 'me'}]")
                .finished("add", 250);
    }

    @Test
    void tasksAreReallyDeliveredTwice() {
        var sluice = new VirtualSluice().inject(Fault.EVERY_TASK_TWICE);
        sluice.function("f").answers("1");
        RunUnderTest run = sluice.deploy(flow("do: [ { ask: { call: f } } ]")).start();
        assertThat(sluice.calls("f")).extracting(Call::isRepeated).containsExactly(false, true);
        assertThat(run).calledTimes("f", 1).counts(Kind.STEP_SUCCEEDED, "ask", 1);
    }

    /** Once it restarted the clock of the attempt at each delivery, so that the attempt never ran out of its time. */
    @Test
    void aTaskThatIsDeliveredAgainHasTheTimeThatItHadFromItsFirstDelivery() {
        var sluice = new VirtualSluice().inject(Fault.CRASH_AFTER_EVERY_COMMIT);
        sluice.function("f").answers(Answer.lost());
        RunUnderTest run = sluice.deploy(
                        flow("do: [ { ask: { call: f, metadata: { startToClose: PT2M, attemptsMax: 1 } } } ]"))
                .start();
        run.advance(Duration.ofMinutes(1)).signal("unheard", "1").advance(Duration.ofMinutes(1));
        assertThat(sluice.calls("f")).hasSizeGreaterThan(1);
        assertThat(run).failedWith(Code.SL4011);
    }

    @Test
    void aCrashReallyHasTheTaskInFlightDeliveredAgain() {
        var sluice = new VirtualSluice().inject(Fault.CRASH_AFTER_EVERY_COMMIT);
        sluice.function("f").answers(Answer.of("1").after(Duration.ofMinutes(5)));
        RunUnderTest run = sluice.deploy(flow("do: [ { ask: { call: f } } ]")).start();
        run.signal("unheard", "1").runToEnd();
        assertThat(sluice.calls("f"))
                .hasSizeGreaterThan(1)
                .extracting(Call::idempotencyKey)
                .containsOnly("run-1:/do/0/ask");
        assertThat(run).hasOutput("1");
    }

    /** Bytes are one kind of JSON node in memory and a text once they have been stored. */
    @Test
    void aCrashReallyHasTheRunReadAgainFromWhatIsStored() {
        assertThat(bytesAfterAWait(new VirtualSluice()).isBinary()).isTrue();
        assertThat(bytesAfterAWait(new VirtualSluice().inject(Fault.CRASH_AFTER_EVERY_COMMIT))
                        .isTextual())
                .isTrue();
    }

    private static JsonNode bytesAfterAWait(VirtualSluice sluice) {
        sluice.function("f").computes(call -> BinaryNode.valueOf(new byte[] {1, 2}));
        return sluice.deploy(flow("do: [ { ask: { call: f } }, { rest: { wait: PT1S } } ]"))
                .start()
                .runToEnd()
                .output();
    }

    @Test
    void anyOrderIsReallyAnotherOrder() {
        var orders = new ArrayList<String>();
        for (long seed = 0; seed < 10; seed++) {
            var sluice = new VirtualSluice().injectAnyOrder(seed);
            sluice.function("f").computes(Call::arguments);
            sluice.deploy(flow("""
                    do: [ { all: { fork: { branches: [ { a: { call: f } }, { b: { call: f } }, { c: { call: f } } ] } } } ]
                    """)).start();
            orders.add(sluice.calls("f").stream().map(Call::stepName).toList().toString());
        }
        assertThat(new HashSet<>(orders)).hasSizeGreaterThan(1);
    }

    @Test
    void aScenarioThatACrashChangesFailsWithTheBoundary() {
        var invocations = new AtomicInteger();
        assertThatThrownBy(() -> VirtualSluice.crashAtEveryStep(sluice -> {
                    // A function that does not mind its idempotency key: a repeated delivery gives another output.
                    sluice.function("f").computes(call -> json("" + invocations.incrementAndGet()));
                    return sluice.deploy(flow("do: [ { ask: { call: f } } ]")).start();
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("with a crash after commit 1 of 2, RunStarted of run-1")
                .hasMessageContaining("came out differently");
    }
}

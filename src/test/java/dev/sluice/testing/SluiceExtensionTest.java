package dev.sluice.testing;

import static dev.sluice.test.Json.json;
import static dev.sluice.testing.Flows.flow;
import static dev.sluice.testing.Flows.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.ProblemException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

class SluiceExtensionTest {
    private static final String WAIT =
            flow("do: [ { rest: { wait: { days: 3 } } }, { done: { set: { rested: true } } } ]");

    @RegisterExtension
    static final SluiceExtension sluice = SluiceExtension.create();

    @Test
    @Timeout(5)
    void aWaitOfThreeDaysTakesNoTime() {
        RunUnderTest run = sluice.deploy(WAIT).start();
        assertThat(run).waitsUntil("rest", VirtualSluice.START.plus(Duration.ofDays(3)));
        run.advance(Duration.ofDays(3).minusSeconds(1));
        assertThat(run).waitsFor("rest");
        run.advance(Duration.ofSeconds(1));
        assertThat(run).succeeded().hasOutput("{rested: true}");
    }

    @Test
    void timeStandsWhereTheRunEnded() {
        sluice.deploy(WAIT).start().runToEnd();
        assertThat(sluice.now()).isEqualTo(VirtualSluice.START.plus(Duration.ofDays(3)));
    }

    @Test
    void timersOfSeveralRunsFireInTheOrderOfTime() {
        var flow = sluice.deploy(flow("""
                do:
                - rest: { wait: '${ .rest }' }
                - say: { emit: { event: { with: { source: https://x.example, type: said, data: '${ $workflow.input.name }' } } } }
                """));
        flow.start("{name: 'late', rest: 'PT3H'}");
        flow.start("{name: 'early', rest: 'PT1H'}");
        flow.start("{name: 'middle', rest: 'PT2H'}");
        sluice.advance(Duration.ofHours(4));
        assertThat(sluice.sluice().events())
                .extracting(event -> event.path("data").asText())
                .containsExactly("early", "middle", "late");
    }

    @Test
    void aTestMethodMayTakeTheSluiceAsAParameter(VirtualSluice given) {
        assertThat(given).isSameAs(sluice.sluice());
        assertThat(given.runs()).isEmpty();
    }

    @Test
    void aFunctionWithoutAScriptFailsTheTestWithWhatToAdd() {
        var flow = sluice.deploy(flow("do: [ { pay: { call: charge } } ]"));
        assertThatThrownBy(flow::start)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("/do/0/pay calls the function 'charge'")
                .hasMessageContaining("sluice.function(\"charge\")");
    }

    @Test
    void aWorkflowThatIsNotDeployedFailsTheTestWithItsName() {
        var flow = sluice.deploy(
                flow("do: [ { sub: { run: { workflow: { namespace: test, name: gone, version: '1.0.0' } } } } ]"));
        assertThatThrownBy(flow::start)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("test.gone in version 1.0.0")
                .hasMessageContaining("[test.trial]");
    }

    @Test
    void aRunThatNothingWillEndFailsTheTestWithWhatItWaitsFor() {
        var run = sluice.deploy(flow("do: [ { ask: { listen: { to: { one: { with: { type: answer } } } } } } ]"))
                .start();
        assertThatThrownBy(run::runToEnd).hasMessageContaining("/do/0/ask listens for answer");
    }

    @Test
    void anInputThatTheSchemaRefusesStartsNoRun() {
        var flow = sluice.deploy(flow("""
                input: { schema: { document: { type: object, required: [name] } } }
                do: [ { a: { set: { ok: true } } } ]
                """));
        assertThatThrownBy(() -> flow.start("{}"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().code()).isEqualTo(Code.SL2011.name()));
        assertThat(sluice.runs()).isEmpty();
    }

    @Test
    void aLoopOfThousandItemsIsFedWindowByWindow() {
        var flow = sluice.deploy(
                flow("do: [ { all: { for: { in: '${ .items }' }, do: [ { add: { set: { sum: '${ .sum + $item }' } } }"
                        + " ] } } ]"));
        RunUnderTest run = flow.start(
                "{items: " + java.util.stream.IntStream.range(0, 1_000).boxed().toList() + "}");
        assertThat(run).hasOutput("{sum: 499500}").finished("add", 1_000);
    }

    @Test
    void aPausedRunHoldsWhatComesAndGoesOnWhenItIsResumed() {
        var run = sluice.deploy(WAIT).start();
        run.pause().advance(Duration.ofDays(5));
        assertThat(run).isPaused();
        run.resume();
        assertThat(run).succeeded();
    }

    @Test
    void aKilledRunStopsAtOnceAndACancelledOneCleansUp() {
        var flow = sluice.deploy(flow("""
                do:
                - work:
                    try: [ { rest: { wait: { days: 1 } } } ]
                    catch: { errors: { with: { type: 'urn:sluice:cancelled' } }, do: [ { undo: { call: undo } } ] }
                """));
        sluice.function("undo").answers("{undone: true}");
        assertThat(flow.start().kill("enough")).isCancelled().neverCalled("undo");
        assertThat(flow.start().cancel("enough")).isCancelled().called("undo");
    }

    @Test
    void aFailedRunGoesOnFromWhereItFailed() {
        var flow = sluice.deploy(flow("do: [ { first: { call: one } }, { second: { call: two } } ]"));
        sluice.function("one").answers("1");
        sluice.function("two").answers(dev.sluice.test.Answer.fails("no"), dev.sluice.test.Answer.of("2"));
        RunUnderTest run = flow.start();
        assertThat(run).failed().failedAt("second").failedWith(Code.SL4012);
        assertThat(run.retry()).succeeded().calledTimes("one", 1).calledTimes("two", 2);
    }

    @Test
    void aRunCanBeTakenBackAndForked() {
        var flow = sluice.deploy(
                flow("do: [ { first: { call: one } }, { second: { call: two, with: { got: '${ . }' } } } ]"));
        sluice.function("one").answers("1");
        sluice.function("two").computes(call -> call.arguments().path("got"));
        RunUnderTest run = flow.start();
        assertThat(run).hasOutput("1");
        assertThat(run.reset("second", "5")).hasOutput("5").calledTimes("one", 1);
        assertThat(run.reset("first")).hasOutput("1").calledTimes("one", 2);
        RunUnderTest fork = run.fork("second", "7");
        assertThat(fork).hasOutput("7").counts(Kind.RUN_FORKED, "", 1).neverCalled("one");
        assertThat(fork.reset("second", "8")).hasOutput("8");
        assertThat(run).hasOutput("1");
    }

    @Test
    void aRunMovesToAnotherRevision() {
        RunUnderTest run = sluice.deploy(WAIT).start();
        run.moveTo(sluice.deploy(WAIT.replace("rested: true", "rested: false"))).runToEnd();
        assertThat(run).hasOutput("{rested: false}");
    }

    @Test
    void aSignalThatComesTooEarlyIsKept() {
        var flow = sluice.deploy(flow("""
                do: [ { rest: { wait: PT1H } }, { ask: { listen: { to: { one: { with: { type: go } } } } } } ]
                """));
        RunUnderTest run = flow.start().signal("go", "{by: 'me'}").runToEnd();
        assertThat(run).hasOutput("[{by: 'me'}]");
    }

    @Test
    void aPersonAnswersAnApproval() {
        var flow = sluice.deploy(flow("""
                do:
                - ask:
                    metadata: { approval: { question: 'Pay ${ .amount }?' } }
                    listen: { to: { one: { with: { type: approved } } } }
                """));
        RunUnderTest run = flow.start("{amount: 3}");
        assertThat(run.pendingApproval().step()).isEqualTo("/do/0/ask");
        run.approve("{yes: true}");
        assertThat(run).hasOutput("[{yes: true}]");
        assertThatThrownBy(run::pendingApproval).hasMessageContaining("waits for no approval");
    }

    @Test
    void secretsAreGivenByTheTest() {
        sluice.secret("crm", json("{key: 'k-1'}"));
        var flow = sluice.deploy(flow("""
                use: { secrets: [ crm ] }
                do: [ { ask: { call: crm, with: { key: '${ $secrets.crm.key }' } } } ]
                """));
        sluice.function("crm").answers("{}");
        assertThat(flow.start()).called("crm", "{key: 'k-1'}");
    }

    @Test
    void everythingHappensInTheSameOrderEachTime() {
        assertThat(storyOf(new VirtualSluice())).isEqualTo(storyOf(new VirtualSluice()));
    }

    private static List<String> storyOf(VirtualSluice fresh) {
        fresh.function("f").computes(call -> call.arguments().path("n"));
        fresh.deploy(named("many", """
                do:
                - all:
                    fork:
                      branches:
                      - a: { call: f, with: { n: 1 } }
                      - b: { call: f, with: { n: 2 } }
                      - c: { wait: PT1M }
                """)).start().runToEnd();
        return fresh.runs().stream().map(RunUnderTest::story).toList();
    }

    @Test
    void jsonMayBeWrittenWithoutQuotesAroundNames() {
        JsonNode tree = json("{who: 'me'}");
        assertThat(tree.path("who").asText()).isEqualTo("me");
        assertThatThrownBy(() -> json("plain words")).isInstanceOf(IllegalArgumentException.class);
    }
}

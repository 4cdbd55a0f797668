package dev.sluice.examples;

import static dev.sluice.test.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.test.Answer;
import dev.sluice.test.Call;
import dev.sluice.test.Deployed;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.RunStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs the documents of examples/workflows that ask models. */
@ExtendWith(SluiceExtension.class)
class AgentExamplesTest {
    private static JsonNode summary(Call call) {
        return json(
                "{summary: '<" + call.arguments().path("text").asText().replace("\n\n", "|") + ">', keyPoints: []}");
    }

    private static RunUnderTest mapReduce(VirtualSluice sluice) {
        ExamplesTest.deploy(sluice, "map-reduce-part");
        sluice.function("summarize")
                .when(call -> call.arguments().path("text").asText().equals("b"), Answer.fails("not readable"))
                .when(
                        call -> call.arguments().path("text").asText().equals("a"),
                        Answer.of("{summary: 'A'}").after(Duration.ofMinutes(2)))
                .computes(AgentExamplesTest::summary);
        return ExamplesTest.deploy(sluice, "map-reduce")
                .start("{texts: ['a', 'b', 'c']}")
                .runToEnd();
    }

    @Test
    void theSummariesOfAllPartsAreSummarizedInTheirOrder(VirtualSluice sluice) {
        RunUnderTest run = mapReduce(sluice);
        assertThat(run).hasOutput("{parts: 3, summary: '<A|<c>>'}");
        assertThat(run.children()).hasSize(3).allMatch(part -> part.status() == RunStatus.SUCCEEDED);
    }

    @Test
    void mapAndReduceSurviveACrashAtEveryBoundary() {
        assertThat(VirtualSluice.crashAtEveryStep(AgentExamplesTest::mapReduce)).isGreaterThan(5);
    }

    @Test
    void everyDocumentIsReadByARunOfItsOwn(VirtualSluice sluice) {
        RunUnderTest run = documents(sluice);
        assertThat(run.runToEnd())
                .hasOutput("{read: [{name: 'a.txt', label: 'invoice', fields: {amount: 5}},"
                        + " {name: 'b.txt', label: 'invoice', fields: {amount: 5}}]}");
        assertThat(run.children()).hasSize(2);
    }

    @Test
    void cancellingTheFolderCancelsTheDocumentUnderWay(VirtualSluice sluice) {
        RunUnderTest run = documents(sluice);
        run.cancel("wrong folder");
        assertThat(run).isCancelled();
        assertThat(run.children().getFirst()).isCancelled();
        assertThat(sluice.isAborted(sluice.lastCall("extract"))).isTrue();
    }

    private static RunUnderTest documents(VirtualSluice sluice) {
        ExamplesTest.deploy(sluice, "sub-workflow-document");
        sluice.function("extract")
                .answers(Answer.of("{text: 'Invoice', fields: {amount: 5}}").after(Duration.ofSeconds(9)));
        sluice.function("classify").answers("{label: 'invoice', confidence: 0.9}");
        return ExamplesTest.deploy(sluice, "sub-workflow")
                .start("{documents: [{name: 'a.txt', text: 'x'}, {name: 'b.txt', text: 'y'}]}");
    }

    @Test
    void aModelThatIsNotThereIsAskedFourTimesAndThenAnotherOne(VirtualSluice sluice) {
        sluice.function("classify")
                .when(call -> call.arguments().path("model").asText().equals("local"), Answer.retryable("refused"))
                .answers("{label: 'invoice'}");
        RunUnderTest run = ExamplesTest.deploy(sluice, "retry-fallback")
                .start("{text: 'x'}")
                .runToEnd();
        assertThat(run)
                .hasOutput("{label: 'invoice', model: 'offline', because: 'Function not reachable'}")
                .calledTimes("classify", 5)
                .counts(Kind.TRY_RETRIED, "label", 3);
    }

    @Test
    void aTextThatNoModelCanUseIsNotTriedAgain(VirtualSluice sluice) {
        sluice.function("classify").answers(Answer.fails("empty"), Answer.of("{label: 'other'}"));
        assertThat(ExamplesTest.deploy(sluice, "retry-fallback").start("{text: 'x'}"))
                .succeeded()
                .calledTimes("classify", 2);
    }

    private static RunUnderTest invoice(VirtualSluice sluice, String fields) {
        sluice.function("extract").answers("{text: 'x', fields: " + fields + "}");
        return ExamplesTest.deploy(sluice, "correction").start("{name: 'i-1.txt', text: 'x'}");
    }

    @Test
    void fieldsThatAreCompleteNeedNobody(VirtualSluice sluice) {
        assertThat(invoice(sluice, "{amount: 5, documentDate: '2026-01-01'}"))
                .hasOutput("{fields: {amount: 5, documentDate: '2026-01-01'}, checked: true}")
                .neverReached("correct");
    }

    @Test
    void aPersonCompletesTheFieldsThatAreMissing(VirtualSluice sluice) {
        RunUnderTest run = invoice(sluice, "{amount: null, documentDate: '2026-01-01'}");
        assertThat(run.pendingApproval().request().at("/fields/documentDate").asText())
                .isEqualTo("2026-01-01");
        run.approve("{document: 'i-1.txt', fields: {amount: 7}}");
        assertThat(run).hasOutput("{fields: {amount: 7, documentDate: '2026-01-01'}, checked: true}");
    }

    @Test
    void fieldsThatNobodyCompletesAreMarked(VirtualSluice sluice) {
        RunUnderTest run = invoice(sluice, "{amount: null, documentDate: null}").runToEnd();
        assertThat(run).hasOutput("{fields: {amount: null, documentDate: null}, checked: false}");
        assertThat(sluice.now()).isEqualTo(VirtualSluice.START.plus(Duration.ofDays(7)));
    }

    private static Answer summaryAfter(int seconds) {
        return Answer.of("{summary: 'short', keyPoints: []}").after(Duration.ofSeconds(seconds));
    }

    private static RunUnderTest race(VirtualSluice sluice, Answer local, Answer offline) {
        sluice.function("summarize")
                .when(call -> call.arguments().path("model").asText().equals("local"), local)
                .answers(offline);
        return ExamplesTest.deploy(sluice, "fastest-model").start("{text: 'x'}").runToEnd();
    }

    @Test
    void theFastestModelWinsAndTheOtherOneIsGivenUp(VirtualSluice sluice) {
        assertThat(race(sluice, summaryAfter(20), summaryAfter(3)))
                .hasOutput("{model: 'offline', summary: 'short'}")
                .counts(Kind.STEP_CANCELLED, "askLocal", 1);
        assertThat(sluice.isAborted(sluice.calls("summarize").getFirst())).isTrue();
    }

    @Test
    void aModelThatFailsDoesNotWin(VirtualSluice sluice) {
        assertThat(race(sluice, Answer.fails("broken"), summaryAfter(60)))
                .hasOutput("{model: 'offline', summary: 'short'}");
        assertThat(race(sluice, Answer.fails("broken"), Answer.fails("broken")))
                .failedWithType("https://example.com/errors/no-model");
    }

    @Test
    void aBudgetIsNotOverspentByAnotherAttempt(VirtualSluice sluice) {
        sluice.function("summarize").answers(Answer.retryable("not usable").costing(900, 100, 1_200));
        RunUnderTest run =
                ExamplesTest.deploy(sluice, "budget").start("{text: 'long'}").runToEnd();
        assertThat(run)
                .hasOutput("{short: 'long', by: 'cutting', because: 'Function not reachable'}")
                .hasAttempts("summarize", 2)
                .hasCostMicros(2_400)
                .hasTokens(1_800, 200);
    }

    @Test
    void aSlowAttemptIsCutOffAfterAMinute(VirtualSluice sluice) {
        sluice.function("summarize").answers(summaryAfter(90), summaryAfter(5));
        RunUnderTest run =
                ExamplesTest.deploy(sluice, "budget").start("{text: 'long'}").runToEnd();
        assertThat(run).hasOutput("{short: 'short', by: 'model'}").hasAttempts("summarize", 2);
    }

    @Test
    void aLabelDecidesWhichDeskGetsTheMail(VirtualSluice sluice) {
        Deployed flow = ExamplesTest.deploy(sluice, "routing");
        sluice.function("classify")
                .answers(
                        "{label: 'invoice', confidence: 0.9}",
                        "{label: 'contract', confidence: 0.9}",
                        "{label: 'invoice', confidence: 0.2}",
                        "{label: 'form', confidence: 0.9}");
        String mail = "{text: 'Hello\\nBye'}";
        assertThat(flow.start(mail))
                .hasOutput("{desk: 'accounting', dueDays: 14, title: 'Hello'}")
                .hasAttribute("label", "invoice");
        assertThat(flow.start(mail)).hasOutput("{desk: 'legal', dueDays: 30, title: 'Hello'}");
        assertThat(flow.start(mail)).hasOutput("{desk: 'reception', dueDays: 1, title: 'Hello'}");
        assertThat(flow.start(mail)).hasOutput("{desk: 'reception', dueDays: 1, title: 'Hello'}");
    }
}

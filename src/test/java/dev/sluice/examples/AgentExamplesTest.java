package dev.sluice.examples;

import static dev.sluice.test.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.test.Answer;
import dev.sluice.test.Call;
import dev.sluice.test.Deployed;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.RunStatus;
import dev.sluice.workflow.StandardError;
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

    private static final String SUNNY = "{text: 'It is an invoice.', toolCalls: [], message: {role: 'assistant',"
            + " content: 'It is an invoice.'}, finishReason: 'stop'}";

    /** What {@code ask} gives when the model calls tools: {@code name {arguments}}, each with an id of its own. */
    static Answer calling(String... tools) {
        var calls = new StringBuilder();
        for (String tool : tools) {
            String[] named = tool.split(" ", 2);
            calls.append(calls.isEmpty() ? "" : ", ")
                    .append("{id: '" + tool.replace('\'', '.') + "', name: '" + named[0] + "', " + named[1] + "}");
        }
        return Answer.of("{text: '', finishReason: 'tool_calls', toolCalls: [" + calls + "],"
                + " message: {role: 'assistant', content: null, tool_calls: [" + calls + "]}}");
    }

    /** Results of tools in the last question, by the id of their call. */
    private static JsonNode results(VirtualSluice sluice) {
        var results = JsonNodeFactory.instance.objectNode();
        for (JsonNode message : sluice.lastCall("ask").arguments().path("messages")) {
            if (!message.path("role").asText().equals("tool")) continue;
            results.set(
                    message.path("tool_call_id").asText(),
                    json(message.path("content").asText()));
        }
        return results;
    }

    static RunUnderTest agent(VirtualSluice sluice, Answer... turns) {
        ExamplesTest.deploy(sluice, "routing");
        sluice.function("ask").answers(turns);
        sluice.function("classify")
                .answers(Answer.of("{label: 'invoice', confidence: 0.9}").after(Duration.ofSeconds(3)));
        sluice.function("http").answers(Answer.of("{runs: [{workflow: 'a'}, {workflow: 'a'}]}"));
        sluice.function("openapi").answers("[{order: 'o-1'}]");
        return ExamplesTest.deploy(sluice, "agent")
                .start("{task: 'Look into it', api: 'https://shop.example/api.json'}")
                .runToEnd();
    }

    @Test
    void anAgentCallsToolsOfEveryKindAtTheSameTimeAndThenAnswers(VirtualSluice sluice) {
        RunUnderTest run = agent(
                sluice,
                calling(
                        "classify arguments: {text: 'x'}",
                        "countRuns arguments: {status: 'failed'}",
                        "findOrders arguments: {customer: 7}",
                        "findDesk arguments: {text: 'y'}"),
                Answer.of(SUNNY));
        assertThat(run).hasOutput("{answer: 'It is an invoice.', turns: 2}").calledTimes("ask", 2);
        assertThat(results(sluice)).isEqualTo(json("""
                {"classify arguments: {text: .x.}": {label: 'invoice', confidence: 0.9},
                 "countRuns arguments: {status: .failed.}": [{name: 'a', runs: 2}],
                 "findOrders arguments: {customer: 7}": [{order: 'o-1'}],
                 "findDesk arguments: {text: .y.}": {desk: 'accounting', dueDays: 14, title: 'y'}}"""));
        assertThat(run.children()).hasSize(1);
        assertThat(run)
                .called(
                        "openapi",
                        "{document: {endpoint: {uri: 'https://shop.example/api.json'}},"
                                + " operationId: 'findOrders', parameters: {customer: 7, status: null}}");
        assertThat(sluice.calls())
                .filteredOn(call -> !call.function().equals("ask"))
                .allMatch(call -> call.at().equals(VirtualSluice.START), "begun together")
                .hasSize(4);
        JsonNode asked = sluice.lastCall("ask").arguments();
        assertThat(asked.path("messages"))
                .extracting(message -> message.path("role").asText())
                .containsExactly("user", "assistant", "tool", "tool", "tool", "tool");
        assertThat(asked.path("tools")).hasSize(4);
    }

    @Test
    void theSameToolCalledTwiceIsTwoSteps(VirtualSluice sluice) {
        String call = "classify arguments: {text: 'x'}";
        RunUnderTest run = agent(sluice, calling(call, call), calling(call), Answer.of(SUNNY));
        assertThat(run).hasOutput("{answer: 'It is an invoice.', turns: 3}");
        assertThat(sluice.calls("classify"))
                .hasSize(3)
                .extracting(Call::idempotencyKey)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatGoesWrongInAToolIsToldToTheModel(VirtualSluice sluice) {
        agent(
                sluice,
                calling("classify arguments: {text: 1}, problem: 'not a text'", "sing arguments: {}"),
                calling("findOrders arguments: {}"),
                Answer.of(SUNNY));
        assertThat(results(sluice).get("sing arguments: {}")).isEqualTo(json("{error: 'there is no such tool'}"));
        assertThat(results(sluice).get("classify arguments: {text: 1}, problem: .not a text."))
                .isEqualTo(json("{error: 'not a text'}"));
        assertThat(sluice.calls("classify")).isEmpty();
    }

    @Test
    void aFailedToolDoesNotFailTheAgentAndABusyOneIsAskedAgain(VirtualSluice sluice) {
        sluice.function("ask").answers(calling("countRuns arguments: {}", "classify arguments: {}"), Answer.of(SUNNY));
        sluice.function("classify").answers(Answer.fails("not readable"));
        sluice.function("http")
                .answers(
                        Answer.problem(StandardError.COMMUNICATION.type(), 503, "Not reachable"),
                        Answer.of("{runs: []}"));
        RunUnderTest run =
                ExamplesTest.deploy(sluice, "agent").start("{task: 'x'}").runToEnd();
        assertThat(run).succeeded().counts(Kind.TRY_RETRIED, "countRuns", 1);
        assertThat(results(sluice).get("countRuns arguments: {}")).isEqualTo(json("[]"));
        assertThat(results(sluice).get("classify arguments: {}").path("error").asText())
                .endsWith(": not readable");
        assertThat(sluice.lastCall("ask").arguments().path("tools"))
                .as("without an API, its operation is no tool")
                .hasSize(3);
    }

    @Test
    void theFifthCallOfATurnIsLeftForTheNextOne(VirtualSluice sluice) {
        String call = "classify arguments: {text: 'x'}";
        agent(sluice, calling(call, call, call, call, "findOrders arguments: {}"), Answer.of(SUNNY));
        assertThat(sluice.calls("classify")).hasSize(4);
        assertThat(sluice.calls("openapi")).isEmpty();
        assertThat(sluice.lastCall("ask").arguments().path("messages")).hasSize(7);
        assertThat(sluice.lastCall("ask").arguments().at("/messages/6/content").asText())
                .startsWith("not carried out: at most 4");
    }

    @Test
    void anAgentThatOnlyCallsToolsGivesUpAfterEightTurns(VirtualSluice sluice) {
        assertThat(agent(sluice, calling("classify arguments: {text: 'x'}")))
                .failedWithType("https://example.com/errors/no-answer")
                .calledTimes("ask", 8);
    }

    private static Answer unusable() {
        return Answer.of(Problem.of(Code.SL5003, "/quantity breaks \"minimum\"").retry());
    }

    static RunUnderTest lastRung(VirtualSluice sluice, Answer... answers) {
        sluice.function("ask").answers(answers);
        return ExamplesTest.deploy(sluice, "last-rung").start("{text: '12 gate valves'}");
    }

    @Test
    void anAnswerThatMatchesNeedsNobody(VirtualSluice sluice) {
        Answer valid = Answer.of("{value: {article: 'valve', quantity: 12}, model: 'small', endpoint: 'a'}");
        assertThat(lastRung(sluice, unusable(), valid).runToEnd())
                .hasOutput("{order: {article: 'valve', quantity: 12}, by: 'small'}")
                .neverReached("askPerson");
    }

    @Test
    void whatNoModelCanAnswerIsAnsweredByAPersonUntilItMatches(VirtualSluice sluice) {
        RunUnderTest run = lastRung(sluice, unusable()).advance(Duration.ofMinutes(1));
        assertThat(run.pendingApproval().request())
                .isEqualTo(json("{question: 'Which article is ordered, and how many?', text: '12 gate valves',"
                        + " because: '/quantity breaks \"minimum\"'}"));
        run.approve("{order: {article: 'valve', quantity: 0}}").advance(Duration.ofMinutes(1));
        assertThat(run).listensAt("askPerson");
        run.approve("{order: {article: 'valve', quantity: 12}, by: 'Ada'}");
        assertThat(run)
                .hasOutput("{order: {article: 'valve', quantity: 12}, by: 'Ada'}")
                .calledTimes("ask", 2);
    }

    @Test
    void aPersonWhoDoesNotAnswerAndAModelThatIsNotThereFailTheRun(VirtualSluice sluice) {
        assertThat(lastRung(sluice, unusable()).runToEnd()).failedWithType(StandardError.TIMEOUT.type());
        assertThat(lastRung(sluice, Answer.retryable("refused")).runToEnd())
                .failedAt("ask")
                .neverReached("askPerson");
    }
}

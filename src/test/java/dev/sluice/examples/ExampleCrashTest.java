package dev.sluice.examples;

import static dev.sluice.examples.ExamplesTest.deploy;
import static dev.sluice.test.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.test.Answer;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.VirtualSluice;
import dev.sluice.test.VirtualSluice.Scenario;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plays the examples with a crash at every commit, and with everything coming twice and late. */
class ExampleCrashTest {
    private static final Map<String, Scenario> SCENARIOS = new TreeMap<>(Map.ofEntries(
            Map.entry("agent", ExampleCrashTest::agent),
            Map.entry("approval", ExampleCrashTest::approval),
            Map.entry("budget", ExampleCrashTest::budget),
            Map.entry("cancel-cleanup", ExampleCrashTest::cancelCleanup),
            Map.entry("correction", ExampleCrashTest::correction),
            Map.entry("deferred", ExampleCrashTest::deferred),
            Map.entry("event-driven", ExampleCrashTest::eventDriven),
            Map.entry("fastest-model", ExampleCrashTest::fastestModel),
            Map.entry("last-rung", ExampleCrashTest::lastRung),
            Map.entry("polling", ExampleCrashTest::polling),
            Map.entry("retry-fallback", ExampleCrashTest::retryFallback),
            Map.entry("sub-workflow", ExampleCrashTest::subWorkflow)));

    static Stream<String> scenarios() {
        return SCENARIOS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void theRunComesOutTheSameWhateverBreaks(String name) {
        assertThat(VirtualSluice.crashAtEveryStep(SCENARIOS.get(name))).isPositive();
    }

    /** Each tool is called with the same idempotency keys, as often as the model has called it, whatever breaks. */
    private static RunUnderTest agent(VirtualSluice sluice) {
        return AgentExamplesTest.agent(
                sluice,
                AgentExamplesTest.calling(
                        "classify arguments: {text: 'x'}",
                        "countRuns arguments: {status: 'failed'}",
                        "findDesk arguments: {text: 'y'}"),
                AgentExamplesTest.calling("findOrders arguments: {}", "sing arguments: {}"),
                Answer.of("{text: 'Done.', toolCalls: [], message: {role: 'assistant', content: 'Done.'}}"));
    }

    private static RunUnderTest lastRung(VirtualSluice sluice) {
        Answer unusable = Answer.of(Problem.of(Code.SL5003, "no order in it").retry());
        return AgentExamplesTest.lastRung(sluice, unusable)
                .advance(Duration.ofMinutes(1))
                .approve("{order: {article: 'valve', quantity: 12}}");
    }

    private static RunUnderTest approval(VirtualSluice sluice) {
        return deploy(sluice, "approval")
                .start("{expense: 'e-1', amount: 5}")
                .advance(Duration.ofDays(4))
                .approve("{expense: 'e-1', approved: true}");
    }

    private static RunUnderTest budget(VirtualSluice sluice) {
        sluice.function("summarize")
                .answers(
                        Answer.of("{summary: 'late'}").after(Duration.ofSeconds(90)),
                        Answer.retryable("no").costing(1, 1, 2_500))
                .startsAfter(Duration.ofSeconds(5));
        return deploy(sluice, "budget").start("{text: 'long'}").runToEnd();
    }

    private static RunUnderTest cancelCleanup(VirtualSluice sluice) {
        return deploy(sluice, "cancel-cleanup")
                .start("{desk: 'd-1'}")
                .advance(Duration.ofHours(1))
                .cancel("ill");
    }

    private static RunUnderTest correction(VirtualSluice sluice) {
        sluice.function("extract").answers("{text: 'x', fields: {amount: null}}");
        return deploy(sluice, "correction").start("{name: 'n', text: 'x'}").runToEnd();
    }

    private static RunUnderTest deferred(VirtualSluice sluice) {
        sluice.function("render")
                .answers(
                        Answer.deferred(Duration.ZERO).beating(Duration.ofMinutes(4), 2),
                        Answer.deferred(Duration.ZERO)
                                .beating(Duration.ofMinutes(4), 3)
                                .then(Answer.of("{url: 'film'}")));
        return deploy(sluice, "deferred").start("{scene: 's'}").runToEnd();
    }

    private static RunUnderTest eventDriven(VirtualSluice sluice) {
        var flow = deploy(sluice, "event-driven");
        sluice.send("com.example.order.packed.v1", "{order: 'o-1', parcel: 'p-9'}");
        sluice.send("com.example.order.paid.v1", "{order: 'o-1', amount: 40}");
        return flow.lastRun();
    }

    private static RunUnderTest fastestModel(VirtualSluice sluice) {
        sluice.function("summarize")
                .when(
                        call -> call.arguments().path("model").asText().equals("local"),
                        Answer.of("{summary: 'slow'}").after(Duration.ofSeconds(30)))
                .answers(Answer.of("{summary: 'fast'}").after(Duration.ofSeconds(3)));
        return deploy(sluice, "fastest-model").start("{text: 'x'}").advance(Duration.ofMinutes(1));
    }

    private static RunUnderTest polling(VirtualSluice sluice) {
        sluice.function("http")
                .when(call -> call.arguments().path("method").asText().equals("post"), Answer.of("{id: 'j1'}"))
                .answers("{state: 'running'}", "{state: 'running'}", "{state: 'done', result: 1}");
        return deploy(sluice, "polling").start("{api: 'http://api.example'}").runToEnd();
    }

    private static RunUnderTest retryFallback(VirtualSluice sluice) {
        sluice.function("classify")
                .when(call -> call.arguments().path("model").asText().equals("local"), Answer.retryable("refused"))
                .answers("{label: 'invoice'}");
        return deploy(sluice, "retry-fallback").start("{text: 'x'}").runToEnd();
    }

    private static RunUnderTest subWorkflow(VirtualSluice sluice) {
        deploy(sluice, "sub-workflow-document");
        sluice.function("extract").computes(call -> json("{text: 'x', fields: {}}"));
        sluice.function("classify").answers(Answer.of("{label: 'form'}").after(Duration.ofSeconds(7)));
        return deploy(sluice, "sub-workflow")
                .start("{documents: [{name: 'a', text: 'x'}, {name: 'b', text: 'y'}]}")
                .runToEnd();
    }
}

package dev.sluice.examples;

import static dev.sluice.test.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.test.Answer;
import dev.sluice.test.Call;
import dev.sluice.test.Deployed;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.test.VirtualSluice;
import dev.sluice.workflow.HistoryEntry.Kind;
import dev.sluice.workflow.StandardError;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs the documents of examples/workflows that need no model. */
class ExamplesTest {
    @RegisterExtension
    static final SluiceExtension sluice = SluiceExtension.create();

    static Deployed deploy(VirtualSluice world, String name) {
        return world.deploy(ExampleDocumentsTest.FOLDER.resolve(name + ".yaml"));
    }

    private static Deployed deploy(String name) {
        return deploy(sluice.sluice(), name);
    }

    @Test
    void theLeadApprovesInTime() {
        RunUnderTest run = deploy("approval").start("{expense: 'e-1', amount: 900}");
        assertThat(run.pendingApproval().request())
                .isEqualTo(json("{who: 'lead', question: 'Pay 900 for this expense?', expense: 'e-1'}"));
        run.advance(Duration.ofDays(2));
        sluice.send("com.example.expense.decided.v1", "{expense: 'e-2', approved: false}");
        assertThat(run).listensAt("askLead");
        sluice.send("com.example.expense.decided.v1", "{expense: 'e-1', approved: true}");
        assertThat(run)
                .hasOutput("{expense: 'e-1', outcome: 'paid', by: 'lead'}")
                .neverReached("askManager");
    }

    @Test
    void anApprovalThatNobodyGivesGoesToTheManagerAndThenFails() {
        Deployed flow = deploy("approval");
        RunUnderTest refused = flow.start("{expense: 'e-1', amount: 900}").advance(Duration.ofDays(3));
        assertThat(refused).listensAt("askManager");
        refused.approve("{expense: 'e-1', approved: false}");
        assertThat(refused).hasOutput("{expense: 'e-1', outcome: 'refused', by: 'manager'}");
        RunUnderTest forgotten = flow.start("{expense: 'e-2', amount: 1}").runToEnd();
        assertThat(forgotten).failedWithType(StandardError.TIMEOUT.type()).failedAt("askManager");
    }

    private static RunUnderTest trip(VirtualSluice world) {
        world.function("book")
                .when(call -> call.arguments().path("kind").asText().equals("car"), Answer.fails("no car is left"))
                .computes(call -> json("{kind: " + call.arguments().path("kind") + ", id: 1}"));
        world.function("cancelBooking").answers(Answer.retryable("busy"), Answer.of("{ok: true}"));
        return deploy(world, "saga").start("{traveller: 'Ada'}").runToEnd();
    }

    @Test
    void aFailedTripIsCancelledInReverseOrder() {
        assertThat(trip(sluice.sluice()))
                .hasOutput("{outcome: 'given up', reason: 'Function answered with an error',"
                        + " cancelled: ['hotel', 'flight']}");
        assertThat(sluice.calls("cancelBooking"))
                .extracting(call -> call.arguments().at("/booking/kind").asText())
                .containsExactly("hotel", "hotel", "flight");
    }

    @Test
    void aTripThatCanBeBookedIsBooked() {
        sluice.function("book")
                .computes(call -> json("{kind: " + call.arguments().path("kind") + "}"));
        RunUnderTest run = deploy("saga").start("{traveller: 'Ada'}");
        assertThat(run)
                .hasOutput("{outcome: 'booked', bookings: [{kind: 'flight'}, {kind: 'hotel'}, {kind: 'car'}]}")
                .neverCalled("cancelBooking");
    }

    @Test
    void theSagaSurvivesACrashAtEveryBoundary() {
        assertThat(sluice.crashAtEveryStep(ExamplesTest::trip)).isGreaterThan(5);
    }

    @Test
    void theReportIsMadeOnWeekdaysAtSix() {
        sluice.function("http").answers("{runs: []}");
        Deployed flow = deploy("cron-report");
        // A Thursday: until the next Wednesday there are four weekdays.
        sluice.advance(Duration.ofHours(6).minusSeconds(1));
        assertThat(flow.runs()).isEmpty();
        sluice.advance(Duration.ofSeconds(1));
        assertThat(flow.lastRun()).succeeded();
        sluice.advance(Duration.ofDays(5));
        assertThat(flow.runs()).hasSize(4);
    }

    @Test
    void theReportCountsTheFailedRunsByWorkflow() {
        sluice.function("http")
                .answers(
                        Answer.problem(StandardError.COMMUNICATION.type(), 503, "Not reachable"),
                        Answer.of("{runs: [{workflow: 'a'}, {workflow: 'b'}, {workflow: 'a'}]}"));
        RunUnderTest run = deploy("cron-report").start().runToEnd();
        assertThat(run)
                .hasOutput("{day: '2026-01-01', failed: 3, byWorkflow: {a: 2, b: 1}}")
                .emitted("com.example.report.made.v1")
                .counts(Kind.TRY_RETRIED, "fetch", 1)
                .called(
                        "http",
                        "{method: 'get', endpoint: {uri: 'http://127.0.0.1:8080/v1/runs'},"
                                + " query: {status: 'failed', limit: '200'}}");
    }

    @Test
    void anOrderIsShippedWhenItIsPaidAndPacked() {
        Deployed flow = deploy("event-driven");
        sluice.send("com.example.order.packed.v1", "{order: 'o-1', parcel: 'p-9'}");
        sluice.send("com.example.order.paid.v1", "{order: 'o-1', amount: 0}");
        sluice.send("com.example.order.paid.v1", "{order: 'o-2', amount: 5}");
        assertThat(flow.runs()).isEmpty();
        sluice.send("com.example.order.paid.v1", "{order: 'o-1', amount: 40}");
        assertThat(flow.lastRun())
                .hasOutput("{order: 'o-1', amount: 40, parcel: 'p-9'}")
                .emitted("com.example.order.shipped.v1", "{order: 'o-1', amount: 40, parcel: 'p-9'}");
    }

    private static Answer state(String state) {
        return Answer.of("{state: '" + state + "', result: 42, reason: 'disk full'}");
    }

    private static RunUnderTest poll(String... states) {
        Answer[] answers = new Answer[states.length];
        for (int i = 0; i < states.length; i++) answers[i] = state(states[i]);
        sluice.function("http")
                .when(call -> call.arguments().path("method").asText().equals("post"), Answer.of("{id: 'j1'}"))
                .answers(answers);
        return deploy("polling").start("{api: 'http://api.example', what: 'a report'}");
    }

    @Test
    void aJobIsLookedAtEveryTenSecondsUntilItIsDone() {
        RunUnderTest run = poll("running", "running", "done").runToEnd();
        assertThat(run).hasOutput("{job: 'j1', result: 42}").finished("look", 3);
        assertThat(sluice.now()).isEqualTo(VirtualSluice.START.plusSeconds(30));
        assertThat(sluice.lastCall("http").arguments().at("/endpoint/uri").asText())
                .isEqualTo("http://api.example/jobs/j1");
    }

    @Test
    void aJobThatFailsOrNeverEndsFailsTheRun() {
        assertThat(poll("failed").runToEnd()).failedWithType("https://example.com/errors/job-failed");
        assertThat(poll("running").runToEnd()).failedWithType(StandardError.TIMEOUT.type());
    }

    @Test
    void aDeferredStepWaitsForItsResultWithoutAConnection() {
        sluice.function("render")
                .answers(
                        Answer.deferred(Duration.ZERO).beating(Duration.ofMinutes(4), 2),
                        Answer.deferred(Duration.ZERO)
                                .beating(Duration.ofMinutes(4), 10)
                                .then(Answer.of("{url: 'film-1'}")));
        RunUnderTest run = deploy("deferred").start("{scene: 'harbour'}");
        run.advance(Duration.ofMinutes(12));
        assertThat(run).hasAttempts("render", 1).waitsFor("render");
        assertThat(run.runToEnd())
                .hasOutput("{scene: 'harbour', film: 'film-1'}")
                .hasAttempts("render", 2);
        assertThat(sluice.calls("render")).extracting(Call::idempotencyKey).containsOnly("run-1:/do/0/render");
    }

    @Test
    void aCancelledRunReleasesItsDeskAndAFinishedOneToo() {
        Deployed flow = deploy("cancel-cleanup");
        RunUnderTest cancelled = flow.start("{desk: 'd-4'}").advance(Duration.ofHours(1));
        cancelled.cancel("ill");
        assertThat(cancelled)
                .isCancelled()
                .emitted("com.example.desk.released.v1", "{desk: 'd-4', because: 'ill'}")
                .neverReached("release");
        assertThat(flow.start("{desk: 'd-5'}").runToEnd())
                .succeeded()
                .emitted("com.example.desk.released.v1", "{desk: 'd-5', because: 'the day is over'}");
        assertThat(flow.start("{desk: 'd-6'}").kill("now").emitted()).hasSize(1);
    }

    @Test
    void aLoopOverThousandItemsEndsWhenItsLimitIsReached() {
        Deployed flow = deploy("thousand-items");
        assertThat(flow.start()).hasOutput("{sum: 499500, rounds: 1000}").finished("one", 1_000);
        assertThat(flow.start("{limit: 5000}")).hasOutput("{sum: 5050, rounds: 101}");
    }
}

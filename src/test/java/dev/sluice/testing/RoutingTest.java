package dev.sluice.testing;

import static dev.sluice.test.Json.json;
import static dev.sluice.testing.Flows.flow;
import static dev.sluice.testing.Flows.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.test.Answer;
import dev.sluice.test.Deployed;
import dev.sluice.test.RunUnderTest;
import dev.sluice.test.SluiceExtension;
import dev.sluice.workflow.RunStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events, schedules and sub-workflows in the test's world. */
class RoutingTest {
    private static final String SUB = named("sub", "do: [ { work: { call: work, with: { n: '${ .n }' } } } ]");

    @RegisterExtension
    static final SluiceExtension sluice = SluiceExtension.create();

    @Test
    void anEventReachesTheRunsThatListenForItsTypeAndNoOther() {
        var flow = sluice.deploy(flow("do: [ { ask: { listen: { to: { one: { with: { type: paid } } } } } } ]"));
        RunUnderTest first = flow.start();
        RunUnderTest second = flow.start();
        sluice.send("refunded", "{n: 1}");
        assertThat(first).listensAt("ask");
        sluice.send("paid", "{n: 2}");
        assertThat(first).hasOutput("[{n: 2}]");
        assertThat(second).hasOutput("[{n: 2}]");
    }

    @Test
    void anEventWithACorrelationReachesTheRunOfThatOrder() {
        var flow = sluice.deploy(flow("""
                do:
                - ask:
                    listen:
                      to:
                        one:
                          with: { type: paid }
                          correlate: { order: { from: '${ .data.order }', expect: '${ $workflow.input.order }' } }
                """));
        RunUnderTest first = flow.start("{order: 1}");
        RunUnderTest second = flow.start("{order: 2}");
        sluice.send("paid", "{order: 2}");
        assertThat(first).listensAt("ask");
        assertThat(second).hasOutput("[{order: 2}]");
    }

    @Test
    void anEventThatARunEmitsReachesAnotherRunAndStartsAWorkflow() {
        RunUnderTest listening = sluice.deploy(
                        named("listening", "do: [ { ask: { listen: { to: { one: { with: { type: news } } } } } } ]"))
                .start();
        Deployed triggered = sluice.deploy(named("triggered", """
                schedule: { on: { one: { with: { type: news, data: '${ .urgent }' } } } }
                do: [ { read: { set: { got: '${ $workflow.input[0].data.text }' } } } ]
                """));
        Deployed teller = sluice.deploy(named("teller", """
                do: [ { tell: { emit: { event: { with: { source: https://teller.example, type: news, data: '${ . }' } } } } } ]
                """));
        assertThat(teller.start("{text: 'rain', urgent: false}")).emitted("news", "{text: 'rain', urgent: false}");
        assertThat(listening).hasOutput("[{text: 'rain', urgent: false}]");
        assertThat(triggered.runs()).isEmpty();
        teller.start("{text: 'storm', urgent: true}");
        assertThat(triggered.lastRun()).hasOutput("{got: 'storm'}");
    }

    @Test
    void aScheduleOnAllStartsOneRunForEventsOfTheSameCorrelation() {
        Deployed flow = sluice.deploy(named("both", """
                schedule:
                  on:
                    all:
                    - { with: { type: paid }, correlate: { order: { from: '${ .data.order }' } } }
                    - { with: { type: packed }, correlate: { order: { from: '${ .data.order }' } } }
                do: [ { types: { set: { types: '${ [ $workflow.input[].type ] }' } } } ]
                """));
        sluice.send("packed", "{order: 1}");
        sluice.send("paid", "{order: 2}");
        assertThat(flow.runs()).isEmpty();
        sluice.send("paid", "{order: 1}");
        assertThat(flow.runs()).hasSize(1);
        assertThat(flow.lastRun()).hasOutput("{types: ['packed', 'paid']}");
    }

    @Test
    void anIntervalStartsRunsAsTimePasses() {
        Deployed flow =
                sluice.deploy(named("ticking", "schedule: { every: PT15M }\ndo: [ { a: { set: { ok: true } } } ]"));
        assertThat(flow.runs()).isEmpty();
        sluice.advance(Duration.ofHours(1));
        assertThat(flow.runs()).hasSize(4);
    }

    @Test
    void aCronScheduleStartsRunsAtItsTimesUntilItIsReplaced() {
        String daily = named("daily", "schedule: { cron: '30 6 * * *' }\ndo: [ { a: { set: { ok: true } } } ]");
        Deployed first = sluice.deploy(daily);
        sluice.advance(Duration.ofDays(2));
        assertThat(first.runs()).hasSize(2);
        Deployed second = sluice.deploy(daily.replace("30 6", "45 7"));
        sluice.advance(Duration.ofDays(3));
        assertThat(first.runs()).hasSize(2);
        assertThat(second.runs()).hasSize(3);
        assertThat(second.lastRun().history().getFirst().at()).isEqualTo("2026-01-05T07:45:00Z");
    }

    @Test
    void aScheduleAfterBeginsWithARunAndStartsTheNextWhenThatHasEnded() {
        Deployed flow = sluice.deploy(named("again", "schedule: { after: PT10M }\ndo: [ { a: { wait: PT5M } } ]"));
        assertThat(flow.runs()).hasSize(1);
        flow.start();
        sluice.advance(Duration.ofMinutes(14));
        assertThat(flow.runs()).hasSize(2);
        sluice.advance(Duration.ofMinutes(1));
        assertThat(flow.runs()).hasSize(3);
    }

    @Test
    void aScheduleThatStaysAsItWasGoesOnWithTheLatestRevision() {
        String text = named("ticking", "schedule: { every: PT15M }\ndo: [ { a: { set: { n: 1 } } } ]");
        Deployed first = sluice.deploy(text);
        sluice.advance(Duration.ofMinutes(10));
        Deployed second = sluice.deploy(text.replace("n: 1", "n: 2"));
        sluice.advance(Duration.ofMinutes(5));
        assertThat(first.runs()).isEmpty();
        assertThat(second.lastRun()).hasOutput("{n: 2}");
    }

    @Test
    void aSubWorkflowRunsInTheSameWorld() {
        sluice.deploy(SUB);
        sluice.function("work")
                .computes(call -> json("{got: " + call.arguments().path("n") + "}"));
        RunUnderTest run = parent("", "await: true").start("{n: 8}");
        assertThat(run).hasOutput("{got: 8}");
        assertThat(run.children()).hasSize(1);
    }

    @Test
    void aFailureOfASubWorkflowIsItsParents() {
        sluice.deploy(SUB);
        sluice.function("work").answers(Answer.problem("urn:shop:empty", 410, "Sold out"));
        assertThat(parent("", "await: true").start("{n: 8}")).failedWithType("urn:shop:empty");
    }

    @Test
    void theClosePolicySaysWhatBecomesOfASubWorkflow() {
        sluice.deploy(SUB);
        sluice.function("work").answers(Answer.of("1").after(Duration.ofMinutes(5)));
        assertThat(childAfterCancel("cancel").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(childAfterCancel("kill").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(childAfterCancel("abandon").runToEnd()).succeeded();
    }

    private static RunUnderTest childAfterCancel(String policy) {
        RunUnderTest run = parent("metadata: { closePolicy: " + policy + " }, ", "await: true")
                .start("{n: 8}");
        run.cancel("enough");
        assertThat(run).isCancelled();
        return run.children().getFirst();
    }

    @Test
    void aSubWorkflowThatNobodyAwaitsGoesOnByItself() {
        sluice.deploy(SUB);
        sluice.function("work").answers(Answer.of("1").after(Duration.ofMinutes(5)));
        RunUnderTest run = parent("", "await: false").start("{n: 8}");
        assertThat(run).hasOutput("{n: 8}");
        assertThat(run.children().getFirst().runToEnd()).succeeded();
    }

    private static Deployed parent(String metadata, String await) {
        return sluice.deploy(named(
                "parent",
                "do: [ { sub: { " + metadata + "run: { workflow: { namespace: test, name: sub, version: '1.0.0' }, "
                        + await + " } } } ]"));
    }
}

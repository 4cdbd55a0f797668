package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The DSL reference, "Schedule": what a definition says about it. */
class ScheduleTest {
    private static Schedule schedule(String schedule) {
        return Trial.read("schedule: " + schedule + "\ndo: []").schedule().orElseThrow();
    }

    @Test
    void withoutOneThereIsNone() {
        assertThat(Trial.read("do: []").schedule()).isEmpty();
        assertThat(Trial.read("do: []").triggers()).isEmpty();
    }

    @Test
    void everyIsAnInterval() {
        assertThat(schedule("{ every: PT15M }").every()).contains(Duration.ofMinutes(15));
        assertThat(schedule("{ every: { minutes: 1, seconds: 30 } }").every()).contains(Duration.ofSeconds(90));
    }

    @Test
    void afterIsADelay() {
        assertThat(schedule("{ after: { hours: 1 } }").after()).contains(Duration.ofHours(1));
    }

    @Test
    void cronIsKeptAsWritten() {
        assertThat(schedule("{ cron: '0 3 * * 1-5' }").cron().map(CronTimes::toString))
                .contains("0 3 * * 1-5");
    }

    @Test
    void onHoldsFiltersAndNamesTheTypesThatTrigger() {
        var definition = Trial.read(
                "schedule: { on: { any: [ { with: { type: a.b } }, { with: { type: c, data: '${ .x > 1 }' } } ] } }\ndo: []");
        assertThat(definition.triggers()).containsExactly("a.b", "c");
        Consumption on = definition.schedule().orElseThrow().on().orElseThrow();
        Scopes scopes = Scopes.at(Trial.T0);
        EventFilter second = on.filters().get(1);
        assertThat(second.matches(json("{type: 'c', data: {x: 2}}"), scopes, json("null")))
                .isTrue();
        assertThat(second.matches(json("{type: 'c', data: {x: 1}}"), scopes, json("null")))
                .isFalse();
    }

    @Test
    void theEventsAreTheRunsInputAsAnArray() {
        var trial = Trial.started("""
                schedule: { on: { one: { with: { type: heartbeat.low } } } }
                do: [ { a: { set: { patient: '${ $workflow.input[0].data.patient }' } } } ]
                """, "[{type: 'heartbeat.low', data: {patient: 7}}]");
        assertThat(trial.output()).isEqualTo(json("{patient: 7}"));
    }

    @Test
    void anExpressionHasNoRunToReadFrom() {
        assertThatThrownBy(() -> schedule("{ every: '${ .x }' }"))
                .hasMessageContaining("/schedule/every: a schedule has no run whose data an expression could read");
    }
}

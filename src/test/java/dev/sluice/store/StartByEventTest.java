package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Keys;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.ProblemException;
import io.vertx.redis.client.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an event from outside starts is let in like any other start; what a run's event starts always is. */
class StartByEventTest {
    private static final String BOUND = "sluice.queue.\"default\".depth-max";

    private final RealStore store = new RealStore();
    private final HandClock clock = new HandClock();
    private final Definitions definitions = store.definitions(clock);
    private final Schedules schedules = store.schedules(definitions, clock);

    private static JsonNode event(String id, String more) {
        return RealStore.json("{specversion: '1.0', id: '" + id + "', source: '/s', type: 'go'" + more + "}");
    }

    @BeforeEach
    void listen() {
        definitions.deploy(RealStore.document(
                "w", "schedule: { on: { one: { with: { type: go } } } }\ndo: [ { x: { call: f } } ]"));
    }

    @AfterEach
    void forget() {
        System.clearProperty(BOUND);
    }

    private void fill() {
        System.setProperty(BOUND, "2");
        store.redis.partitions.all().forEach(p -> store.redis.send(Command.SET, Keys.depth(p), 1));
    }

    @Test
    void oneFromOutsideIsRefusedWhereTooMuchWaitsAndTakenWhenItIsSentAgain() {
        fill();
        assertThatThrownBy(() -> schedules.startBy(event("1", ""), true))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().retryAfter()).isPositive())
                .hasMessageContaining("SL2034");
        store.redis.partitions.all().forEach(p -> store.redis.send(Command.DEL, Keys.depth(p)));
        assertThat(schedules.startBy(event("1", ""), true).runs()).hasSize(1);
    }

    /** Seen on Knative: a producer that sent an event to the broker again was told that its key had another input. */
    @Test
    void oneThatIsSentAgainByAnotherWayIsTheSame() {
        String way = ", data: {a: 1}, knativearrivaltime: '2026-11-30T20:1%s:00Z', traceparent: '00-%s'";
        String first =
                schedules.startBy(event("1", way.formatted(5, 1)), true).runs().getFirst();
        assertThat(schedules.startBy(event("1", way.formatted(9, 2)), true).runs())
                .containsExactly(first);
        assertThat(schedules.startBy(event("1", ", data: {a: 2}"), true).refusals())
                .extracting(e -> e.problem().code())
                .containsExactly("SL2009");
    }

    @Test
    void oneOfARunIsAlwaysTaken() {
        fill();
        assertThat(schedules.startBy(event("1", "")).runs()).hasSize(1);
    }

    @Test
    void anEventSaysOnWhoseBehalfAndHowUrgentItsRunIs() {
        String run = schedules
                .startBy(event("1", ", sluicetenant: 'acme', sluicepriority: 'high'"), true)
                .runs()
                .getFirst();
        var service = store.runs.head(run).orElseThrow().identity().service();
        assertThat(service.tenant()).isEqualTo("acme");
        assertThat(service.priority()).isEqualTo(Priority.HIGH);
        assertThat(store.runs.cause(run).orElseThrow().path("kind").asText()).isEqualTo("event");
    }

    @Test
    void theSameEventFromOutsideAndFromARunIsTheSameRun() {
        var first = schedules.startBy(event("1", ""), true).runs();
        assertThat(schedules.startBy(event("1", "")).runs()).isEqualTo(first);
    }
}

package dev.sluice.orchestrator;

import static dev.sluice.orchestrator.SchedulesTest.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.ScheduleKeys;
import dev.sluice.store.Schedules;
import dev.sluice.workflow.Collecting;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Workflows that several events start together. */
class CollectedEventsTest {
    private static final String DO = "\ndo: [ { x: { set: { ids: '${ [$workflow.input[].id] }' } } } ]";
    private static final String BOTH =
            "schedule: { on: { all: [ { with: { type: a } }, { with: { type: b } } ] } }" + DO;
    private static final String PAIRS = """
            schedule:
              on:
                all:
                  - { with: { type: a }, correlate: { order: { from: .data.order } } }
                  - { with: { type: b }, correlate: { order: { from: .data.id } } }
            """ + DO;

    private final Rig rig = new Rig();

    /** The ids of the events that started each run. */
    private List<String> sets() {
        var sets = new ArrayList<String>();
        for (String run : rig.runsOf("w")) {
            var ids = new ArrayList<String>();
            for (JsonNode id : rig.output(run).path("ids")) ids.add(id.asText());
            sets.add(String.join(" ", ids));
        }
        return sets;
    }

    private void deploy(String rest) {
        rig.deploy("w", rest);
    }

    @Test
    void allEventsStartOneRunFirstComeFirstServed() {
        deploy(BOTH);
        for (String id : List.of("1", "2", "3")) rig.publish(event(id, "a", "{}"));
        assertThat(sets()).isEmpty();
        rig.publish(event("4", "b", "{}"));
        rig.publish(event("5", "b", "{}"));
        assertThat(sets()).containsExactlyInAnyOrder("1 4", "2 5");
    }

    @Test
    void eventsWithOtherCorrelationValuesNeverMeet() {
        deploy(PAIRS);
        rig.publish(event("1", "a", "{order: 7}"));
        rig.publish(event("2", "b", "{id: 8}"));
        assertThat(sets()).isEmpty();
        rig.publish(event("3", "b", "{id: 7}"));
        rig.publish(event("4", "b", "{}"));
        assertThat(sets()).containsExactly("1 3");
    }

    @Test
    void anEventThatComesAgainCountsOnce() {
        deploy("schedule: { on: { all: [ { with: { type: a } }, { with: { type: 'a|b' } } ] } }" + DO);
        Schedules.Heard heard = rig.publish(event("1", "a", "{}"));
        rig.publish(event("1", "a", "{}"));
        assertThat(heard.collected()).isTrue();
        assertThat(sets()).isEmpty();
    }

    @Test
    void eventsAreCollectedUntilAConditionHolds() {
        deploy("schedule: { on: { any: [ { with: { type: a } } ], until: '${ length == 3 }' } }" + DO);
        for (int i = 1; i <= 4; i++) rig.publish(event(String.valueOf(i), "a", "{}"));
        assertThat(sets()).containsExactly("1 2 3");
    }

    @Test
    void eventsAreCollectedUntilAnotherOneComes() {
        deploy("schedule: { on: { any: [ { with: { type: a } } ], until: { one: { with: { type: stop } } } } }" + DO);
        rig.publish(event("0", "stop", "{}"));
        rig.publish(event("1", "a", "{}"));
        rig.publish(event("2", "a", "{}"));
        assertThat(sets()).isEmpty();
        rig.publish(event("3", "stop", "{}"));
        assertThat(sets()).containsExactly("1 2");
    }

    @Test
    void aCompleteSetWhoseProcessEndedBeforeTheRunWasThereStartsIt() {
        deploy(BOTH);
        rig.publish(event("1", "a", "{}"));
        rig.publish(event("2", "b", "{}"));
        String stored = "{\"workflow\":\"test.w\",\"revision\":\""
                + rig.definitions.latest("w").orElseThrow().revision()
                + "\",\"set\":{\"names\":[\"/s\\n8\"],\"events\":[\"{\\\"id\\\":\\\"8\\\"}\"]}}";
        rig.store.redis.send(Command.HSET, ScheduleKeys.complete(), "left", stored);
        rig.settle();
        rig.settle();
        assertThat(sets()).containsExactlyInAnyOrder("1 2", "8");
        assertThat(rig.store.redis.hash(ScheduleKeys.complete())).isEmpty();
    }

    @Test
    void aChangedScheduleBeginsWithoutEvents() {
        deploy(BOTH);
        rig.publish(event("1", "a", "{}"));
        deploy(PAIRS);
        assertThat(rig.store.redis.hash(ScheduleKeys.collected("test.w"))).isEmpty();
    }

    @Test
    void whatWaitsForOthersIsBounded() {
        deploy(BOTH);
        for (int i = 0; i < Collecting.EVENTS_MAX; i++)
            rig.schedules.startBy(dev.sluice.store.RealStore.json(event("n" + i, "a", "{}")));
        Schedules.Heard heard = rig.publish(event("more", "a", "{}"));
        assertThat(heard.refusals())
                .singleElement()
                .satisfies(e -> assertThat(e.problem().code()).isEqualTo("SL2032"));
        rig.publish(event("b", "b", "{}"));
        assertThat(sets()).containsExactly("n0 b");
    }

    @Test
    void manyAtOnceUseEachEventOnce() throws Exception {
        deploy(BOTH);
        var calls = new ArrayList<Callable<Schedules.Heard>>();
        for (int i = 0; i < 20; i++) {
            String id = String.valueOf(i);
            calls.add(() -> rig.schedules.startBy(dev.sluice.store.RealStore.json(event("a" + id, "a", "{}"))));
            calls.add(() -> rig.schedules.startBy(dev.sluice.store.RealStore.json(event("b" + id, "b", "{}"))));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var heard : threads.invokeAll(calls)) heard.get();
        }
        rig.settle();
        var ids = new ArrayList<String>();
        sets().forEach(set -> ids.addAll(List.of(set.split(" "))));
        assertThat(ids).hasSize(40).doesNotHaveDuplicates();
    }
}

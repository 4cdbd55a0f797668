package dev.sluice.api;

import static dev.sluice.queue.RealRedis.P;
import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.queue.InboxEntry;
import dev.sluice.queue.Ownership;
import dev.sluice.store.Commit;
import dev.sluice.store.Commit.Fate;
import dev.sluice.store.Definitions;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.Secrets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Commands, down to what they put into Redis. */
class SteeringTest {
    private static final String LOOP = "/do/0/each";
    private static final String ROUND = LOOP + "/do/0/x";

    private final RealStore store = new RealStore();
    private final Definitions definitions = store.definitions();
    private final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);
    private final Steering steering = new Steering(
            store.runs, definitions, store.redis.partitions, store.secrets(), Clock.fixed(T0, ZoneOffset.UTC));

    private Definition deploy(String rest) {
        return definitions.deploy(RealStore.document("w", rest)).definition();
    }

    /** Three rounds of which the first is left out, then a call. */
    private String looped() {
        return begun(deploy("""
                do:
                  - each:
                      for: { each: n, in: '${ [0, 1, 2] }' }
                      do: [ { x: { if: '${ $n > 0 }', set: { v: '${ $n }' } } } ]
                  - last: { call: f }
                """));
    }

    private String begun(Definition definition) {
        String id = RealStore.runId();
        store.runs.start(definition, id, json("{}"), T0);
        drain(definition, id);
        return id;
    }

    /** Takes in what stands in the inbox, as an orchestrator would. */
    private Run drain(Definition definition, String id) {
        Run before = store.runs.find(id).orElseThrow();
        Run after = before;
        var effects = new ArrayList<dev.sluice.workflow.Effect>();
        var history = new ArrayList<dev.sluice.workflow.HistoryEntry>();
        var taken = new ArrayList<Commit.Taken>();
        for (InboxEntry entry : store.redis.inbox.read(P, 99)) {
            Event event = store.events.decode(entry.event(), entry.data());
            var t = machine.advance(definition, after, event);
            after = t.run();
            effects.addAll(t.effects());
            history.addAll(t.history());
            taken.add(new Commit.Taken(entry.entryId(), entry.event(), entry.data(), Fate.RECORDED));
        }
        Ownership.Token token = store.redis.ownership.take(P).orElseThrow();
        store.commits.commit(P, token, List.of(new Commit(before, after, effects, history, taken, List.of())));
        store.redis.ownership.release(P, token);
        return after;
    }

    private List<Event> inbox() {
        return store.redis.inbox.read(P, 99).stream()
                .map(entry -> store.events.decode(entry.event(), entry.data()))
                .toList();
    }

    private static Order order(Action action, String body) {
        return Order.of(action, json(body));
    }

    private String carryOut(String id, Action action, String body, String... key) {
        return steering.carryOut(id, order(action, body), key.length == 0 ? Optional.empty() : Optional.of(key[0]));
    }

    @Test
    void aCommandIsInTheInboxWhenItIsAccepted() {
        String id = looped();
        carryOut(id, Action.CANCEL, "{reason: 'why'}");
        assertThat(inbox()).containsExactly(new Event.CancelRequested("why", T0));
    }

    @Test
    void aCommandIsCarriedOutOnceUnderItsKeyAlsoWhenTheRunHasEndedSince() {
        Definition definition = deploy("do: [ { x: { call: f } } ]");
        String id = begun(definition);
        carryOut(id, Action.KILL, "{}", "k");
        assertThat(drain(definition, id).status().word()).isEqualTo("cancelled");
        carryOut(id, Action.KILL, "{}", "k");
        assertThat(inbox()).isEmpty();
        assertThatThrownBy(() -> carryOut(id, Action.KILL, "{}", "other")).hasMessageContaining("SL2019");
        assertThatThrownBy(() -> carryOut(id, Action.KILL, "{}", "")).hasMessageContaining("SL2014");
    }

    @Test
    void aStepIsNamedByItsVisitOrByItsPointerWhenItWasEnteredOnce() {
        String id = looped();
        carryOut(id, Action.RESET, "{step: '" + LOOP + "'}");
        carryOut(id, Action.RESET, "{step: '" + ROUND + "#2', input: 7}");
        assertThat(inbox()).extracting(e -> ((Event.ResetRequested) e).step()).containsExactly(LOOP, ROUND + "#2");
        assertThatThrownBy(() -> carryOut(id, Action.RESET, "{step: '" + LOOP + "/do/9/y'}"))
                .hasMessageContaining("SL2020")
                .hasMessageContaining("was never at");
    }

    @Test
    void aPointerThatWasEnteredOftenIsRefusedWithItsVisitsAndOneThatWasEnteredOnceIsNot() {
        String id = begun(deploy("""
                do:
                  - each:
                      for: { each: n, in: '${ [0, 1, 2] }' }
                      do:
                        - which: { switch: [ { none: { when: '${ $n == 0 }', then: exit } } ] }
                        - often: { set: { v: 1 } }
                        - more: { switch: [ { two: { when: '${ .v == 1 and $n == 2 }', then: exit } } ] }
                        - once: { set: { v: 1 } }
                  - last: { call: f }
                """));
        assertThatThrownBy(() -> carryOut(id, Action.RESET, "{step: '" + LOOP + "/do/1/often'}"))
                .hasMessageContaining("SL2020")
                .hasMessageContaining("2 times")
                .hasMessageContaining(LOOP + "/do/1/often#1 or " + LOOP + "/do/1/often#2");
        carryOut(id, Action.RESET, "{step: '" + LOOP + "/do/3/once'}");
        assertThat(inbox()).extracting(e -> ((Event.ResetRequested) e).step()).containsExactly(LOOP + "/do/3/once#1");
    }

    @Test
    void aForkBeginsBeforeItsStepWithTheTranscriptUpToThere() {
        String id = looped();
        String fork = carryOut(id, Action.FORK, "{step: '" + ROUND + "#1', input: {v: 9}}");
        Run run = store.runs.find(fork).orElseThrow();
        assertThat(run.identity().origin()).isEqualTo(id);
        assertThat(run.steps()).containsKey(ROUND + "#1!1").doesNotContainKey("/do/1/last");
        List<Event> transcript = store.runs.events(store.runs.transcript(fork));
        assertThat(transcript).hasSize(2);
        assertThat(transcript.getLast()).isInstanceOf(Event.ResetRequested.class);
    }

    @Test
    void aForkUnderAKeyIsOneRun() {
        String id = looped();
        String first = carryOut(id, Action.FORK, "{input: {a: 1}}", "k");
        assertThat(carryOut(id, Action.FORK, "{input: {a: 1}}", "k")).isEqualTo(first);
        assertThatThrownBy(() -> carryOut(id, Action.FORK, "{input: {a: 2}}", "k"))
                .hasMessageContaining("SL2009");
        assertThat(carryOut(id, Action.FORK, "{}")).isNotEqualTo(carryOut(id, Action.FORK, "{}"));
        assertThat(store.runs.find(first).orElseThrow().input().tree()).isEqualTo(json("{a: 1}"));
    }

    @Test
    void aRunIsMovedOnlyWhereItsPositionExists() {
        String id = begun(deploy("do: [ { x: { call: f } } ]"));
        String same = deploy("do: [ { x: { call: g } }, { y: { call: f } } ]").revision();
        String other = deploy("do: [ { y: { call: f } } ]").revision();
        carryOut(id, Action.MOVE, "{revision: '" + same + "'}");
        assertThat(inbox()).containsExactly(new Event.MoveRequested(same, T0));
        assertThatThrownBy(() -> carryOut(id, Action.MOVE, "{revision: '" + other + "'}"))
                .hasMessageContaining("SL2021");
        assertThatThrownBy(() -> carryOut(id, Action.MOVE, "{revision: '0'}")).hasMessageContaining("SL2001");
    }

    @Test
    void aSignalOfTheSameSourceAndIdIsPutIntoTheInboxOnce() {
        String id = looped();
        var event = CloudEventIn.plain((ObjectNode) json("{type: 't', data: 1}"), "/s", Optional.of("1"), T0);
        steering.signal(id, event);
        steering.signal(id, event);
        JsonNode put = ((Event.EventArrived) inbox().getFirst()).event().tree();
        assertThat(inbox()).hasSize(1);
        assertThat(put.path("data").asInt()).isEqualTo(1);
        assertThatThrownBy(() -> steering.signal("no run", event)).hasMessageContaining("SL2002");
    }
}

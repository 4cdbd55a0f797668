package dev.sluice.orchestrator;

import static dev.sluice.store.RealStore.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Delivery;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.store.Definitions;
import dev.sluice.store.HandClock;
import dev.sluice.store.Outbox;
import dev.sluice.store.OutboxEntry;
import dev.sluice.store.RealStore;
import dev.sluice.store.Schedules;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A deployment on a real Redis, with all its partitions and a clock that is moved by hand. */
public final class Rig {
    /** 50 turns at one moment: what is not still then never will be. */
    private static final int TURNS_MAX = 50;

    public final RealStore store = new RealStore();
    public final HandClock clock = new HandClock();
    public final Definitions definitions = store.definitions(clock);
    public final Schedules schedules = store.schedules(definitions, clock);
    private final Orchestrator orchestrator;

    public Rig() {
        this("none");
    }

    /** @param lifecycle as {@code sluice.events.lifecycle}; with a sink */
    public Rig(String lifecycle) {
        var sink = Optional.of("http://sink");
        orchestrator = new Orchestrator(
                store.redis.inbox,
                store.redis.ownership,
                store.commits,
                store.subscriptions(clock),
                new Intake(
                        definitions,
                        store.runs,
                        store.events,
                        new Aftermath(definitions, new Lifecycle(definitions, Optional.of(lifecycle), sink)),
                        store.secrets(),
                        clock),
                new Deliveries(
                        store.outbox,
                        store.subscriptions(clock),
                        definitions,
                        store.starter(clock),
                        store.runs,
                        schedules,
                        store.links,
                        clock,
                        sink),
                clock,
                new SimpleMeterRegistry());
    }

    public Definition deploy(String name, String rest) {
        return definitions.deploy(RealStore.document(name, rest)).definition();
    }

    public String start(Definition definition, String input) {
        String id = RealStore.runId();
        store.runs.start(definition, id, json(input), clock.instant());
        return id;
    }

    /** Deployed, started, and everything done that needs no time and no function. */
    public String started(String rest) {
        String id = start(deploy("w", rest), "{}");
        settle();
        return id;
    }

    /** What the duties and the orchestrator do, until nothing is left to do at this moment. */
    public void settle() {
        for (int turn = 0; turn < TURNS_MAX; turn++) {
            schedules.startDue();
            int work = store.redis.inbox.tick(store.redis.partitions.all(), clock.instant()).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            if (work == 0) return;
            store.redis.partitions.all().forEach(this::drain);
        }
        throw new AssertionError("it never rests");
    }

    public void advance(Duration time) {
        clock.advance(time);
        settle();
    }

    public int drain(Partition p) {
        return orchestrator.drain(p);
    }

    public Run run(String id) {
        return store.runs.find(id).orElseThrow();
    }

    public JsonNode output(String id) {
        return ((RunState.Succeeded) run(id).state()).output().tree();
    }

    /** Ids of all runs of a workflow that have not been deleted, in no order. */
    public List<String> runsOf(String workflow) {
        var ids = new ArrayList<String>();
        for (String key : store.redis.keys("sluice:{*}:run:*")) {
            String tag = key.substring(key.indexOf('{') + 1, key.indexOf('}'));
            String id = tag + "-" + key.substring(key.lastIndexOf(':') + 1);
            if (run(id).workflow().equals(workflow)) ids.add(id);
        }
        return ids;
    }

    public List<Delivery> take(String function) {
        var taken = new ArrayList<Delivery>();
        for (Partition p : store.redis.partitions.all()) {
            taken.addAll(store.redis.tasks.take(
                    p,
                    function,
                    "d",
                    999,
                    clock.instant(),
                    task -> store.events
                            .encode(new Event.TaskReturned(task.step(), task.attempt(), clock.instant()))
                            .event()));
        }
        return taken;
    }

    public void answer(Delivery delivery, String output) {
        var task = delivery.task();
        var at = clock.instant();
        settle(
                delivery,
                new Event.StepSucceeded(task.step(), task.attempt(), Value.of(json(output)), Usage.NONE, at, at));
    }

    public void fail(Delivery delivery, Problem problem) {
        var task = delivery.task();
        var at = clock.instant();
        settle(delivery, new Event.StepFailed(task.step(), task.attempt(), problem, Usage.NONE, at, at));
    }

    public void defer(Delivery delivery) {
        var task = delivery.task();
        settle(
                delivery,
                new Event.StepDeferred(task.step(), task.attempt(), Duration.ZERO, Usage.NONE, clock.instant()));
    }

    private void settle(Delivery delivery, Event event) {
        var encoded = store.events.encode(event);
        store.redis.tasks.settle(delivery, encoded.event(), encoded.data());
        settle();
    }

    public void post(String run, Event event) {
        store.runs.post(run, event);
        settle();
    }

    /** An event for all who listen, as the API takes it. */
    public Schedules.Heard publish(String event) {
        JsonNode envelope = json(event);
        store.subscriptions(clock).publish(envelope);
        Schedules.Heard heard = schedules.startBy(envelope);
        settle();
        return heard;
    }

    /** The events that wait for the sink, the oldest first, of each partition in turn. */
    public List<JsonNode> sunk() {
        var events = new ArrayList<JsonNode>();
        for (Partition p : store.redis.partitions.all()) {
            for (Outbox.Outgoing out : store.outbox.outgoing(p, 999)) events.add(store.payloads.unpack(out.event()));
        }
        return events;
    }

    /** Puts an outbox entry back, as if the process had ended before its removal. */
    public void again(Partition p, String run, OutboxEntry.Kind kind, String attributes, String data) {
        store.redis.send(
                Command.XADD, Keys.outbox(p), "*", "run", run, "kind", kind.name(), "a", attributes, "d", data);
    }
}

package dev.sluice.orchestrator;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.queue.Delivery;
import dev.sluice.queue.Keys;
import dev.sluice.queue.MortalLink;
import dev.sluice.queue.Partition;
import dev.sluice.store.Definitions;
import dev.sluice.store.RealStore;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One process with all roles, turn by turn in one thread: its orchestrator, its dispatcher, and its functions. */
final class SmallWorld {
    private static final String RUN = "default.test.0-00000000000000000000000000";

    /** 200 rounds of 1 s: the workflow takes some 30. */
    private static final int ROUNDS_MAX = 200;

    /** What outlives the process: the functions' own memory, and the clock. */
    static final class Outside {
        final String run = RUN;
        /** Idempotency keys of what was done; a function that knows the key does nothing again. */
        final Set<String> effects = new TreeSet<>();

        private final Set<String> failed = new HashSet<>();
        /** Results that come later, until somebody has taken them. */
        private final Map<String, Event> promised = new TreeMap<>();

        private Instant now = T0;
    }

    private final RealStore store;
    private final Outside outside;
    private final Definitions definitions;
    private final Orchestrator orchestrator;

    SmallWorld(RealStore store, Outside outside) {
        this.store = store;
        this.outside = outside;
        this.definitions = store.definitions();
        this.orchestrator = orchestrator(store, definitions, new MovedByHand());
    }

    private final class MovedByHand extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return outside.now;
        }
    }

    static Orchestrator orchestrator(RealStore store, Definitions definitions, Clock clock) {
        return new Orchestrator(
                store.redis.inbox,
                store.redis.ownership,
                store.commits,
                store.subscriptions(clock),
                new Intake(
                        definitions,
                        store.runs,
                        store.events,
                        new Aftermath(definitions, new Lifecycle(definitions, Optional.empty(), Optional.empty())),
                        store.secrets(),
                        clock),
                new Deliveries(
                        store.outbox,
                        store.subscriptions(clock),
                        definitions,
                        store.starter(clock),
                        store.runs,
                        store.schedules(definitions, clock),
                        store.links,
                        clock,
                        Optional.empty()),
                clock,
                new SimpleMeterRegistry());
    }

    /** What a process decides with. */
    record Parts(Definitions definitions, Orchestrator orchestrator) {}

    /** Under a clock that stands still. */
    static Parts parts(RealStore store) {
        Definitions definitions = store.definitions();
        return new Parts(definitions, orchestrator(store, definitions, Clock.fixed(T0, ZoneOffset.UTC)));
    }

    /** @return true when the process was killed; false when the run has ended */
    static boolean untilKilled(SmallWorld world) {
        try {
            // As time would: what a former process owned is free again.
            for (Partition p : world.store.redis.partitions.all()) {
                world.store.redis.send(Command.DEL, Keys.owner(p));
            }
            world.begin();
            for (int round = 0; round < ROUNDS_MAX; round++) {
                if (world.hasEnded()) return false;
                world.turn();
                world.outside.now = world.outside.now.plusSeconds(1);
            }
            throw new AssertionError("not finished: "
                    + world.store.runs.find(RUN).map(Object::toString).orElse("no run"));
        } catch (MortalLink.Killed e) {
            return true;
        }
    }

    /** What a person does, and does again when no answer came. */
    private void begin() {
        definitions.deploy(resource("child.yaml"));
        Definition everything = definitions.deploy(resource("everything.yaml")).definition();
        store.runs.start(everything, RUN, json("{order: 'o-1'}"), T0);
        JsonNode go = json("{specversion: '1.0', id: '1', source: '/me', type: 'go', data: {ok: true}}");
        store.runs.post(RUN, new Event.EventArrived(Value.of(go), true, "", T0), "go");
    }

    private boolean hasEnded() {
        return store.runs.find(RUN).filter(run -> run.status().isFinal()).isPresent();
    }

    private void turn() {
        for (String key : List.copyOf(outside.promised.keySet())) {
            store.runs.post(RUN, outside.promised.get(key));
            outside.promised.remove(key);
        }
        store.redis.inbox.tick(store.redis.partitions.all(), outside.now);
        for (Partition p : store.redis.partitions.all()) {
            orchestrator.drain(p);
            store.redis.endLeases(p);
            for (String function : store.redis.tasks.functions()) {
                store.redis.reclaim(p, function, "d", 99, task -> "").forEach(this::answer);
                store.redis
                        .tasks
                        .take(p, function, "d", 99, outside.now, task -> "")
                        .forEach(this::answer);
            }
        }
    }

    private void answer(Delivery delivery) {
        var task = delivery.task();
        Instant now = outside.now;
        String key = task.idempotencyKey();
        Event result;
        if (task.function().equals("flaky") && outside.failed.add(key)) {
            Problem busy = Problem.of(Code.SL4010, "busy").retry();
            result = new Event.StepFailed(task.step(), task.attempt(), busy, Usage.NONE, now, now);
        } else if (task.function().equals("later")) {
            outside.effects.add(key);
            outside.promised.put(key, succeeded(delivery, now));
            result = new Event.StepDeferred(task.step(), task.attempt(), Duration.ofHours(1), Usage.NONE, now);
        } else {
            outside.effects.add(key);
            result = succeeded(delivery, now);
        }
        settle(delivery, result);
    }

    private static Event succeeded(Delivery delivery, Instant now) {
        var task = delivery.task();
        String answer =
                task.function() + " " + RealStore.json(task.input()).path("of").asText();
        JsonNode output = json("{}");
        ((com.fasterxml.jackson.databind.node.ObjectNode) output).set("answer", TextNode.valueOf(answer));
        return new Event.StepSucceeded(task.step(), task.attempt(), Value.of(output), new Usage(1, 1, 1), now, now);
    }

    private void settle(Delivery delivery, Event event) {
        var encoded = store.events.encode(event);
        store.redis.tasks.settle(delivery, encoded.event(), encoded.data());
    }

    private static String resource(String name) {
        try (InputStream in = SmallWorld.class.getResourceAsStream("/crash/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

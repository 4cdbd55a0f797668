package dev.sluice.store;

import dev.sluice.queue.Inbox;
import dev.sluice.queue.Keys;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Place;
import dev.sluice.queue.RedisLink;
import dev.sluice.store.Sleeper.Kind;
import dev.sluice.store.Sleeper.Missing;
import dev.sluice.workflow.Definition;
import dev.sluice.workflow.Effect;
import dev.sluice.workflow.Machine;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.RetryPolicy;
import dev.sluice.workflow.Run;
import dev.sluice.workflow.RunState;
import dev.sluice.workflow.Secrets;
import dev.sluice.workflow.StepState;
import dev.sluice.workflow.Topic;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks whether what wakes the runs of a partition is there: for each step, the very things that the machine would make
 * for it. Reads one thing after the other while others write: what is missing may be on its way.
 */
final class WakeCheck {
    /** 20,000 entries: a partition with more is busy, and its runs are looked at again in the next round. */
    private static final int ENTRIES_MAX = 20_000;

    private static final int PAGE = 1_000;

    private static final Predicate<Response> THERE =
            reply -> reply != null && !reply.toString().equals("0");

    private final RedisLink redis;
    private final Definitions definitions;
    private final Starter starter;
    private final EventCodec codec;
    private final Inbox inbox;
    private final Outbox outbox;
    private final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);

    WakeCheck(RedisLink redis, Definitions definitions, Starter starter, EventCodec codec, Inbox inbox, Outbox outbox) {
        this.redis = redis;
        this.definitions = definitions;
        this.starter = starter;
        this.codec = codec;
        this.inbox = inbox;
        this.outbox = outbox;
    }

    /**
     * @param answer true: it is there
     * @param task of this partition, whose place the answer is; empty: the answer is all
     */
    private record Probe(
            String run, Missing ifNot, Request request, Predicate<Response> answer, Optional<Partition> task) {
        Probe(String run, Missing ifNot, Request request, Predicate<Response> answer) {
            this(run, ifNot, request, answer, Optional.empty());
        }

        /** What is to be asked once more of the entry that the first answer names. */
        Probe entry(Partition p, Response text) {
            Place place = Place.parse(p, text.toString());
            return new Probe(
                    run,
                    ifNot,
                    RedisLink.request(Command.XRANGE, place.key(), place.entryId(), place.entryId()),
                    entries -> entries.size() == 1);
        }
    }

    /** @return the first thing that each run misses; runs that miss nothing are left out */
    Map<String, Missing> missing(Partition p, Map<String, Run> runs) {
        var missing = new LinkedHashMap<String, Missing>();
        var probes = new ArrayList<Probe>();
        for (Run run : runs.values()) {
            boolean rests = run.status().isFinal() || run.state() instanceof RunState.Paused;
            if (!rests) look(p, run, probes, missing);
        }
        ask(ask(probes, missing), missing);
        if (missing.values().stream().anyMatch(m -> m.kind() == Kind.REPAIRABLE)) forgive(p, missing);
        return missing;
    }

    /** @return what is to be asked next */
    private List<Probe> ask(List<Probe> probes, Map<String, Missing> missing) {
        List<Response> replies =
                redis.sendAll(probes.stream().map(Probe::request).toList());
        var next = new ArrayList<Probe>();
        for (int i = 0; i < probes.size(); i++) {
            Probe probe = probes.get(i);
            if (!probe.answer().test(replies.get(i))) missing.putIfAbsent(probe.run(), probe.ifNot());
            else if (probe.task().isPresent()) next.add(probe.entry(probe.task().get(), replies.get(i)));
        }
        return next;
    }

    private void look(Partition p, Run run, List<Probe> probes, Map<String, Missing> missing) {
        if (run.state() instanceof RunState.Accepted) {
            Missing ifNot = lost("", "the event that starts it");
            if (run.identity().startsAt().isEmpty()) missing.put(run.id(), ifNot);
            else delayed(p, run, ifNot, probes);
            return;
        }
        try {
            Definition definition = definitions.revision(run.workflow(), run.revision());
            machine.wakeups(definition, run).forEach(effect -> probe(p, run, effect, probes));
        } catch (ProblemException e) {
            if (e.problem().retryable()) throw e;
            missing.put(run.id(), new Missing("", e.getMessage(), Kind.DAMAGED));
            return;
        }
        if (Machine.leaves(run).isEmpty()) missing.put(run.id(), lost("", "any step that something moves on"));
        run.steps()
                .forEach((step, state) -> inside(state)
                        .ifPresent(what -> missing.putIfAbsent(
                                run.id(),
                                state instanceof StepState.Deferred
                                        ? new Missing(step, what, Kind.OPEN_ENDED)
                                        : lost(step, what))));
    }

    /** Once its time has come, only the inbox can have it. */
    private void delayed(Partition p, Run run, Missing ifNot, List<Probe> probes) {
        String timer = run.id() + "\n" + StartCall.firstEvent(codec, run.identity());
        probes.add(new Probe(run.id(), ifNot, RedisLink.request(Command.ZSCORE, Keys.timers(p), timer), THERE));
    }

    /** What only the inbox can have, or a function. */
    private static Optional<String> inside(StepState state) {
        if (state instanceof StepState.Entering) return Optional.of("the event that enters it");
        if (state instanceof StepState.AwaitingItems) return Optional.of("the event with its next items");
        boolean openEnded = state instanceof StepState.Deferred d
                && d.dueAt().isEmpty()
                && d.visit().timeoutAt().isEmpty();
        return openEnded
                ? Optional.of("a time limit: only the function that has its token can move it on")
                : Optional.empty();
    }

    private static Missing lost(String step, String what) {
        return new Missing(step, what, Kind.REPAIRABLE);
    }

    private void probe(Partition p, Run run, Effect effect, List<Probe> probes) {
        String id = run.id();
        switch (effect) {
            case Effect.SetTimer timer -> {
                String member = id + "\n" + codec.encode(timer.event()).event();
                String what = "timer " + timer.event().timer() + " of " + timer.dueAt();
                probes.add(new Probe(
                        id,
                        lost(timer.event().step(), what),
                        RedisLink.request(Command.ZSCORE, Keys.timers(p), member),
                        THERE));
            }
            case Effect.EnqueueTask task ->
                probes.add(new Probe(
                        id,
                        lost(task.step(), "task " + task.attempt() + " of function '" + task.function() + "'"),
                        RedisLink.request(Command.HGET, Keys.run(p, id), Keys.task(task.step())),
                        THERE,
                        Optional.of(p)));
            case Effect.Subscribe s -> s.topics().forEach(topic -> subscription(p, id, s.step(), topic, probes));
            case Effect.StartRun start -> {
                String child = starter.childOf(id, start.step(), start.attempt());
                probes.add(new Probe(
                        id,
                        lost(start.step(), "run " + child + " or word of its end"),
                        RunHead.request(child),
                        reply -> RunHead.of(reply)
                                .filter(head -> !head.status().isFinal())
                                .isPresent()));
            }
            default -> {}
        }
    }

    private static void subscription(Partition p, String run, String step, Topic topic, List<Probe> probes) {
        Missing ifNot = lost(step, "subscription to events of type '" + topic.type() + "'");
        String member = run + "\n" + step;
        probes.add(
                new Probe(run, ifNot, RedisLink.request(Command.SISMEMBER, Keys.subscribers(p, topic), member), THERE));
        String correlations = Keys.correlations(p, topic.type());
        probes.add(new Probe(run, ifNot, RedisLink.request(Command.HEXISTS, correlations, topic.from()), THERE));
    }

    /** An event in the inbox wakes the whole run, and so does what the outboxes have for it. */
    private void forgive(Partition p, Map<String, Missing> missing) {
        var woken = new HashSet<String>();
        boolean whole = inbox(p, woken);
        // The end of a run that another partition has is told from there.
        for (Partition each : starter.partitions()) whole &= outbox(each, woken);
        boolean busy = !whole;
        missing.entrySet()
                .removeIf(e -> e.getValue().kind() == Kind.REPAIRABLE && (busy || woken.contains(e.getKey())));
    }

    /** @return false when it has more entries than were read */
    private boolean inbox(Partition p, Set<String> woken) {
        String from = "-";
        for (int read = 0; read < ENTRIES_MAX; read += PAGE) {
            var page = inbox.read(p, from, PAGE);
            page.forEach(entry -> woken.add(entry.run()));
            if (page.size() < PAGE) return true;
            from = "(" + page.getLast().entryId();
        }
        return false;
    }

    private boolean outbox(Partition p, Set<String> woken) {
        var entries = outbox.read(p, ENTRIES_MAX);
        for (var entry : entries) {
            if (entry.kind() == OutboxEntry.Kind.START) woken.add(entry.run());
            if (entry.kind() == OutboxEntry.Kind.ENDED)
                woken.add(entry.attributes().path("run").asText());
        }
        return entries.size() < ENTRIES_MAX;
    }

    /** The runs that can be read; those that cannot go to {@code missing}. */
    Map<String, Run> load(Runs runs, Partition p, List<String> ids, Map<String, Missing> missing) {
        var loaded = new HashMap<String, Run>();
        try {
            loaded.putAll(runs.load(p, ids));
        } catch (RuntimeException e) {
            for (String id : ids) alone(runs, p, id, loaded, missing);
        }
        for (String id : ids) {
            if (!loaded.containsKey(id)) {
                missing.putIfAbsent(id, new Missing("", "the run itself; only an index has it", Kind.DAMAGED));
            }
        }
        return loaded;
    }

    private static void alone(Runs runs, Partition p, String id, Map<String, Run> to, Map<String, Missing> missing) {
        try {
            to.putAll(runs.load(p, List.of(id)));
        } catch (RuntimeException e) {
            if (e instanceof ProblemException problem && problem.problem().retryable()) throw e;
            missing.put(id, new Missing("", "a state that can be read: " + e, Kind.DAMAGED));
        }
    }
}

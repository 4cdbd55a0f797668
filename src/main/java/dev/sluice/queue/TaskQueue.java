package dev.sluice.queue;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The lanes: tasks wait here, are handed to a dispatcher under a lease, and leave with their result. */
@ApplicationScoped
public class TaskQueue {
    /** 3: the lanes that the second call is given may have lost their turn to newcomers; the next take finds those. */
    private static final int LOOKS_MAX = 3;

    /**
     * 1 s: a run that was paused, or that ended, so shortly before its task is taken might as well have been a moment
     * later. For older ones it is worth a look, because the longer a task waits the likelier it is that nobody does.
     */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** 10 s: what is given back for longer is found by the sweep, and nobody keeps a timer for it. */
    private static final Duration HINTED_WITHIN = Duration.ofSeconds(10);

    private final RedisLink redis;
    private final Ranking ranking;

    /** What the queue has to ask, because it reads neither runs nor events. */
    @FunctionalInterface
    public interface Reader {
        /** The event by which a paused run gets its task back. */
        String returned(Task task);

        /** Whether a step in this state waits for the task. @param step as it stands in the run's hash */
        default boolean awaits(Task task, String step) {
            return true;
        }

        /** These were settled instead of handed out, because nobody waits for them. */
        default void dropped(List<Delivery> deliveries) {}
    }

    @Inject
    TaskQueue(RedisLink redis, LaneSettings lanes, TenantSettings tenants) {
        this(redis, new Ranking(lanes.normalAfter(), lanes.lowAfter(), weights(tenants)));
    }

    TaskQueue(RedisLink redis, Ranking ranking) {
        this.redis = redis;
        this.ranking = ranking;
    }

    private static Map<String, Double> weights(TenantSettings tenants) {
        return tenants.all().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, tenant -> tenant.getValue().weight()));
    }

    /** As {@link #take(Ask, Reader)}, of any tenant and priority. */
    public List<Delivery> take(
            Partition partition, String function, String consumer, int count, Instant now, Reader reader) {
        return take(Ask.any(partition, function, consumer, count, now), reader).deliveries();
    }

    /**
     * Takes tasks that nobody has yet. They are pending for the consumer until settled, reclaimed or given back. What
     * has waited for longer than a second and is not waited for any more is settled instead.
     */
    public Taken take(Ask ask, Reader reader) {
        var open = new ArrayList<Delivery>();
        Ask next = ask;
        for (int unknown = 0; ; ) {
            var call = new TakeCall(next);
            Response reply =
                    redis.runAll(Script.TAKE, List.of(call.call(ranking))).getFirst();
            var handed = call.handed(reply);
            var wanted = dropUnwanted(deliveries(handed, ask.now()), ask.now(), reader);
            open.addAll(wanted);
            Taken.Rest rest = TakeCall.rest(reply);
            List<LaneName> lanes = call.next(reply);
            boolean dropped = wanted.size() < handed.size() && rest == Taken.Rest.SOMETHING;
            boolean known = rest != Taken.Rest.UNKNOWN || ++unknown == LOOKS_MAX;
            if (open.size() == ask.count() || known && !dropped) return new Taken(open, lanes, rest);
            next = ask.after(open, lanes);
        }
    }

    private List<Delivery> deliveries(List<TakeCall.Handed> handed, Instant now) {
        var deliveries = new ArrayList<Delivery>(handed.size());
        for (TakeCall.Handed entry : handed) add(deliveries, entry.place(), entry.fields(), 1, now);
        return deliveries;
    }

    private void add(List<Delivery> deliveries, Place place, Response fields, long count, Instant now) {
        try {
            deliveries.add(new Delivery(place, TaskFields.read(place.lane(), fields), count));
        } catch (NumberFormatException e) {
            bury(place, "not a task: " + e.getMessage(), now);
        }
    }

    /**
     * Leaves out what nobody waits for: tasks of runs that have ended, of steps that were given up, and of paused runs,
     * which get them back.
     */
    private List<Delivery> dropUnwanted(List<Delivery> deliveries, Instant now, Reader reader) {
        Instant fresh = now.minus(FRESH);
        var old = deliveries.stream()
                .filter(d -> !d.task().enqueuedAt().isAfter(fresh))
                .toList();
        if (old.isEmpty()) return deliveries;
        List<Response> runs = runs(old);
        var settlements = new IdentityHashMap<Delivery, Settlement>();
        for (int i = 0; i < old.size(); i++) {
            Delivery delivery = old.get(i);
            if (!isWanted(delivery, runs.get(i), reader)) settlements.put(delivery, Settlement.dropped(delivery));
            else if (runs.get(i).get(1) != null) {
                settlements.put(delivery, new Settlement(delivery, reader.returned(delivery.task()), ""));
            }
        }
        if (settlements.isEmpty()) return deliveries;
        settleAll(List.copyOf(settlements.values()));
        reader.dropped(List.copyOf(settlements.keySet()));
        return deliveries.stream().filter(d -> !settlements.containsKey(d)).toList();
    }

    /** Those of the deliveries that nobody waits for any more, as far as Redis answers. */
    public List<Delivery> unwanted(List<Delivery> deliveries, Reader reader) {
        List<Optional<Response>> runs = redis.sendSome(questions(deliveries));
        return IntStream.range(0, deliveries.size())
                .filter(i -> runs.get(i)
                        .map(run -> !isWanted(deliveries.get(i), run, reader))
                        .orElse(false))
                .mapToObj(deliveries::get)
                .toList();
    }

    /** For each delivery what its run says of it: ended, paused, the state of the step. */
    private List<Response> runs(List<Delivery> deliveries) {
        return redis.sendAll(questions(deliveries));
    }

    private static List<Request> questions(List<Delivery> deliveries) {
        return deliveries.stream()
                .map(d -> RedisLink.request(
                        Command.HMGET,
                        Keys.run(d.partition(), d.task().run()),
                        Keys.ENDED,
                        Keys.PAUSED,
                        Keys.step(d.task().step())))
                .toList();
    }

    private static boolean isWanted(Delivery delivery, Response run, Reader reader) {
        return run.get(0) == null
                && run.get(2) != null
                && reader.awaits(delivery.task(), run.get(2).toString());
    }

    /** Takes over those of the tasks whose lease has ended and that nobody else has taken over. */
    public List<Delivery> reclaim(List<Place> places, String consumer, Duration lease, Instant now, Reader reader) {
        var claimed = new ArrayList<Delivery>();
        byPartition(places, place -> place).forEach((partition, own) -> {
            var call = new LaneCall(Keys.inFlight(partition));
            call.args(Keys.GROUP, consumer, String.valueOf(lease.toMillis()), Keys.NOBODY);
            own.forEach(call::place);
            for (Response taken :
                    redis.runAll(Script.RECLAIM, List.of(call.call())).getFirst()) {
                Place place = own.get(taken.get(0).toInteger() - 1);
                add(claimed, place, taken.get(2), taken.get(1).toLong(), now);
            }
        });
        // All of them are looked at: a dispatcher was lost, or they were given back for later.
        return dropUnwanted(claimed, Instant.MAX, reader);
    }

    /** Extends the leases of tasks, so that they are not reclaimed. Those that were settled are left alone. */
    public void heartbeat(Collection<Delivery> deliveries, Duration lease) {
        var calls = new ArrayList<RedisLink.Call>();
        byPartition(deliveries, Delivery::place).forEach((partition, own) -> {
            var args = new ArrayList<>(List.of(String.valueOf(lease.toMillis())));
            own.forEach(delivery -> args.add(delivery.place().text()));
            calls.add(new RedisLink.Call(List.of(Keys.inFlight(partition)), args));
        });
        if (!calls.isEmpty()) redis.runSome(Script.HEARTBEAT, calls);
    }

    /**
     * Gives tasks back that the consumer has taken, without their counting as delivered; anybody may take them over
     * after {@code delay}, zero: at once. Until then they keep their place among the tasks, and wait as long as Redis
     * does.
     */
    public void giveBack(Collection<Delivery> deliveries, String consumer, Duration delay) {
        var calls = new ArrayList<RedisLink.Call>();
        byPartition(deliveries, Delivery::place).forEach((partition, own) -> {
            var call = new LaneCall(Keys.inFlight(partition));
            String hint = Hint.due(partition, Instant.EPOCH);
            boolean soon = delay.compareTo(HINTED_WITHIN) <= 0;
            call.args(Keys.GROUP, consumer, String.valueOf(delay.toMillis()), Keys.NOBODY, Keys.HINTS);
            call.args(soon ? hint.substring(0, hint.lastIndexOf(' ') + 1) : "");
            own.forEach(delivery -> call.place(delivery.place()));
            calls.add(call.call());
        });
        if (!calls.isEmpty()) redis.runAll(Script.REST, calls);
    }

    /** Ends the delay of tasks that were given back; those that somebody has are left alone. */
    public void recall(Collection<Place> places) {
        var calls = new ArrayList<RedisLink.Call>();
        byPartition(places, place -> place).forEach((partition, own) -> {
            var call = new LaneCall(Keys.inFlight(partition));
            call.args(Keys.GROUP, Keys.NOBODY, Keys.HINTS, Hint.due(partition, Instant.EPOCH));
            own.forEach(call::place);
            calls.add(call.call());
        });
        if (!calls.isEmpty()) redis.runAll(Script.RECALL, calls);
    }

    /** As {@link #settleAll}, for one. */
    public boolean settle(Delivery delivery, String event, String data) {
        return settleAll(List.of(new Settlement(delivery, event, data))).getFirst();
    }

    /**
     * Ends deliveries with their results, which go to the inboxes of their runs in the same step; one call for each
     * partition.
     *
     * @return for each, in order: false when another delivery of the task had been settled before, and this result
     *     changes nothing
     */
    public List<Boolean> settleAll(List<Settlement> settlements) {
        var calls = new ArrayList<RedisLink.Call>();
        Map<Partition, List<Settlement>> byPartition =
                byPartition(settlements, s -> s.delivery().place());
        byPartition.forEach((partition, own) -> {
            var call = new LaneCall(Keys.inbox(partition), Keys.inFlight(partition), Keys.depth(partition));
            call.args(Keys.GROUP, Keys.HINTS, Hint.inbox(partition));
            for (Settlement settlement : own) {
                Delivery delivery = settlement.delivery();
                call.place(delivery.place());
                call.args(delivery.task().run(), settlement.event(), settlement.data());
            }
            calls.add(call.call());
        });
        List<Response> replies = redis.runAll(Script.SETTLE, calls);
        var outcomes = new IdentityHashMap<Settlement, Boolean>();
        int reply = 0;
        for (List<Settlement> own : byPartition.values()) {
            Response each = replies.get(reply++);
            for (int i = 0; i < own.size(); i++)
                outcomes.put(own.get(i), each.get(i).toInteger() == 1);
        }
        return settlements.stream().map(outcomes::get).toList();
    }

    private static <T> Map<Partition, List<T>> byPartition(Collection<T> all, Function<T, Place> place) {
        var byPartition = new LinkedHashMap<Partition, List<T>>();
        for (T each : all) {
            byPartition
                    .computeIfAbsent(place.apply(each).partition(), p -> new ArrayList<>())
                    .add(each);
        }
        return byPartition;
    }

    /** Notes that a deployed workflow calls this function. */
    public void know(String function) {
        redis.send(Command.SADD, Keys.functions(), function);
    }

    /** Names of all functions that any deployed workflow calls. */
    public List<String> functions() {
        return redis.send(Command.SMEMBERS, Keys.functions()).stream()
                .map(Response::toString)
                .sorted()
                .toList();
    }

    /** Moves an entry that cannot be delivered to the dead letters. */
    private void bury(Place place, String reason, Instant at) {
        Partition p = place.partition();
        var call = Burial.call(p, place.key(), place.lane().function(), Keys.GROUP, place.entryId(), reason, at);
        redis.run(Script.BURY, call.keys(), call.args());
        // Should this get lost: the lease is found to be of nothing, and the depth is counted anew.
        redis.send(Command.ZREM, Keys.inFlight(p), place.text());
        redis.send(Command.DECR, Keys.depth(p));
    }
}

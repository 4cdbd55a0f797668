package dev.sluice.queue;

import dev.sluice.queue.Limits.Permit;
import dev.sluice.workflow.Service;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * Between taking a task and calling its function: lets through those that have a permit of each of their limits and a
 * turn in their function's rate. The others are given back to their lanes, where they hold nothing up, and are called
 * when a permit comes free, in the order in which they were enqueued.
 *
 * <p>Nothing is lost between any two steps: a task that was refused stands in the line before it is given back; one
 * that is called and not told, because the caller was killed, is looked at again after a while; a permit that nobody
 * uses comes free when its lease ends.
 */
public final class Turnstile {
    private static final Logger LOG = Logger.getLogger(Turnstile.class);

    /** 5 s: tasks that may begin within it are delayed one by one; what comes later stays in its lane, and in order. */
    private static final Duration AHEAD = Duration.ofSeconds(5);

    /** One minute: only a task that was called by a process that was killed right then is found no sooner. */
    private static final Duration LOOK_AGAIN_MIN = Duration.ofMinutes(1);

    private static final Duration LOOK_AGAIN_MAX = Duration.ofHours(1);

    /** 1 s: what another dispatcher freed meanwhile is not known here. */
    private static final Duration KNOWN = Duration.ofSeconds(1);

    /** 200 limits each sweep: those with a line whose first lease has ended. */
    private static final int SWEEP_MAX = 200;

    private final Limits limits;
    private final RateLimits rates;
    private final TaskLimits terms;
    private final TaskQueue tasks;
    private final String consumer;
    private final Duration lease;
    private final Clock clock;
    /** By the name of the task's place. */
    private final Map<String, List<Permit>> held = new ConcurrentHashMap<>();

    private final Queue<Permit> freed = new ConcurrentLinkedQueue<>();
    /** By the name of the function's limit. */
    private final Map<String, Line> lines = new ConcurrentHashMap<>();
    /** When the rate of a function has room again. */
    private final Map<String, Instant> shutUntil = new ConcurrentHashMap<>();

    private record Line(long waiting, Instant at) {}

    Turnstile(
            Limits limits,
            RateLimits rates,
            TaskLimits terms,
            TaskQueue tasks,
            String consumer,
            Duration lease,
            Clock clock) {
        this.limits = limits;
        this.rates = rates;
        this.terms = terms;
        this.tasks = tasks;
        this.consumer = consumer;
        this.lease = lease;
        this.clock = clock;
    }

    /**
     * How many tasks of a function it makes sense to take. What would only stand in the function's own line stays in
     * its lane, where priorities and tenants have their turns.
     */
    public int room(String function, int wanted) {
        Instant shut = shutUntil.get(function);
        if (shut != null && clock.instant().isBefore(shut)) return 0;
        int max = terms.concurrencyOf(function);
        if (max == 0) return wanted;
        Line line = lines.get(TaskLimits.ofFunction(function));
        boolean known = line != null && clock.instant().isBefore(line.at().plus(KNOWN));
        return (int) Math.max(0, Math.min(wanted, 2L * max - (known ? line.waiting() : 0)));
    }

    /**
     * Those of one function's tasks that may begin now, see {@link Task#fence}; the others are given back. Every one
     * that was let through must be told {@link #done}.
     */
    public List<Delivery> admit(List<Delivery> taken) {
        var through = new ArrayList<Delivery>(taken.size());
        var bound = new LinkedHashMap<Delivery, List<Service.Limit>>();
        for (Delivery delivery : taken) {
            List<Service.Limit> own = terms.of(delivery.place(), delivery.task().limits());
            if (own.isEmpty()) through.add(delivery);
            else bound.put(delivery, own);
        }
        try {
            if (!bound.isEmpty()) through.addAll(permitted(bound));
            return through.isEmpty() ? through : rated(through);
        } catch (RuntimeException e) {
            // They stay with this dispatcher until their lease ends, and so do their permits.
            taken.forEach(delivery -> held.remove(delivery.place().name()));
            throw e;
        }
    }

    private List<Delivery> permitted(Map<Delivery, List<Service.Limit>> bound) {
        var wishes = new ArrayList<Permits.Wish>(bound.size());
        bound.forEach((delivery, own) -> wishes.add(
                new Permits.Wish(delivery.place().name(), delivery.task().enqueuedAt(), own)));
        var permits = new Permits(limits, lease, wishes);
        List<Permits.Answer> answers = permits.ask();
        permits.waiting().forEach(this::note);
        var through = new ArrayList<Delivery>();
        var refused = new LinkedHashMap<Delivery, String>();
        int i = 0;
        for (Delivery delivery : bound.keySet()) {
            Permits.Answer answer = answers.get(i++);
            if (answer.refused().isPresent()) {
                refused.put(delivery, answer.refused().get());
            } else {
                held.put(delivery.place().name(), answer.permits());
                through.add(delivery.fenced(answer.fence()));
            }
        }
        if (!refused.isEmpty()) standInLine(refused);
        call(permits.called());
        return through;
    }

    /** @param refused to the limit in whose line each waits */
    private void standInLine(Map<Delivery, String> refused) {
        limits.await(new LinkedHashSet<>(refused.values()), lease);
        var byDelay = new LinkedHashMap<Duration, List<Delivery>>();
        refused.keySet()
                .forEach(delivery -> byDelay.computeIfAbsent(lookAgain(delivery), d -> new ArrayList<>())
                        .add(delivery));
        byDelay.forEach((delay, deliveries) -> tasks.giveBack(deliveries, consumer, delay));
        // Who was called before it was given back was not there to be told.
        var all = refused.entrySet().stream()
                .map(e -> Map.entry(e.getValue(), e.getKey().place().name()))
                .toList();
        List<Boolean> holding = limits.holding(all);
        var called = new ArrayList<String>();
        for (int i = 0; i < all.size(); i++) {
            if (holding.get(i)) called.add(all.get(i).getValue());
        }
        call(called);
    }

    /** As long again as it has waited, in whole minutes: many that wait long cost little. */
    private Duration lookAgain(Delivery delivery) {
        Duration waited = Duration.between(delivery.task().enqueuedAt(), clock.instant());
        if (waited.compareTo(LOOK_AGAIN_MIN) < 0) return LOOK_AGAIN_MIN;
        return waited.compareTo(LOOK_AGAIN_MAX) > 0 ? LOOK_AGAIN_MAX : Duration.ofMinutes(waited.toMinutes());
    }

    private List<Delivery> rated(List<Delivery> deliveries) {
        String function = deliveries.getFirst().place().lane().function();
        RateLimits.Rate rate = terms.rateOf(function);
        if (rate == null) return deliveries;
        var amounts = deliveries.stream()
                .map(d -> new RateLimits.Amount(1, 0, d.place().name()))
                .toList();
        var reservations = rates.reserve(TaskLimits.ofFunction(function), rate, amounts, AHEAD);
        var through = new ArrayList<Delivery>();
        var byDelay = new LinkedHashMap<Duration, List<Delivery>>();
        for (int i = 0; i < deliveries.size(); i++) {
            RateLimits.Reservation reservation = reservations.get(i);
            Delivery delivery = deliveries.get(i);
            if (reservation.isGranted()) {
                through.add(delivery);
                continue;
            }
            byDelay.computeIfAbsent(reservation.delay(), d -> new ArrayList<>()).add(delivery);
            done(delivery);
            if (!reservation.isBooked()) shut(function, reservation.delay());
        }
        byDelay.forEach((delay, delayed) -> tasks.giveBack(delayed, consumer, delay));
        if (!byDelay.isEmpty()) flush();
        return through;
    }

    private void shut(String function, Duration delay) {
        shutUntil.put(function, clock.instant().plus(delay).minus(AHEAD));
    }

    /** The task is not with its function any more. Never blocks; its permits come free with the next {@link #flush}. */
    public void done(Delivery delivery) {
        List<Permit> permits = held.remove(delivery.place().name());
        if (permits != null) freed.addAll(permits);
    }

    /** Gives back the permits of what is done, and calls those who have them now. */
    public void flush() {
        if (freed.isEmpty()) return;
        var permits = new ArrayList<Permit>();
        for (Permit permit; (permit = freed.poll()) != null; ) permits.add(permit);
        told(limits.free(permits, lease));
    }

    /** Takes back what tasks have that nobody waits for any more: a permit, or a turn in a line. */
    public void forget(Collection<Delivery> deliveries) {
        var holders = new LinkedHashMap<String, List<String>>();
        for (Delivery delivery : deliveries) {
            String holder = delivery.place().name();
            held.remove(holder);
            for (Service.Limit limit :
                    terms.of(delivery.place(), delivery.task().limits())) {
                holders.computeIfAbsent(limit.key(), key -> new ArrayList<>()).add(holder);
            }
        }
        if (!holders.isEmpty()) told(limits.forget(holders, lease));
    }

    /** Extends the leases of the permits that these hold. */
    public void keep(Collection<Delivery> inFlight) {
        if (held.isEmpty()) return;
        var permits = inFlight.stream()
                .flatMap(d -> held.getOrDefault(d.place().name(), List.of()).stream())
                .toList();
        if (permits.isEmpty()) return;
        for (Permit lost : limits.keep(permits, lease)) {
            LOG.warnf(
                    "the permit of limit %s for %s under fencing token %d is lost: this dispatcher stood still for"
                            + " longer than its lease; another attempt may have it",
                    lost.limit(), lost.holder(), lost.fence());
        }
    }

    /** Calls those whose turn came because a lease has ended. */
    public void sweep() {
        flush();
        told(limits.sweep(lease, SWEEP_MAX));
    }

    private void told(Map<String, Limits.Reply> replies) {
        var called = new ArrayList<String>();
        replies.forEach((limit, reply) -> {
            note(limit, reply.waiting());
            called.addAll(reply.called());
        });
        call(called);
    }

    private void note(String limit, long waiting) {
        if (limit.startsWith(TaskLimits.ofFunction(""))) lines.put(limit, new Line(waiting, clock.instant()));
    }

    private void call(List<String> holders) {
        if (holders.isEmpty()) return;
        tasks.recall(holders.stream().map(Place::ofName).toList());
    }
}

package dev.sluice.dispatch;

import dev.sluice.queue.Ask;
import dev.sluice.queue.Delivery;
import dev.sluice.queue.LaneName;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Place;
import dev.sluice.queue.Settlement;
import dev.sluice.queue.Taken;
import dev.sluice.queue.Task;
import dev.sluice.queue.TaskQueue;
import dev.sluice.queue.Turnstile;
import dev.sluice.store.EventCodec;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** All lanes of one function: keeps min(backlog, window) requests in flight. */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);

    /** 60 times half a second: a Redis that restarts is back by then. */
    private static final int POST_TRIES_MAX = 60;

    private static final Duration POST_PAUSE = Duration.ofMillis(500);

    /** 4: with fewer places free, one partition gets them all, and the next one the next; a take costs a round trip. */
    private static final int TOGETHER_MIN = 4;

    private final FunctionTarget target;
    private final LaneTools tools;
    private final Window window;
    /** Partitions whose lanes may have something that nobody took yet. */
    private final Turns<Partition> waiting = new Turns<>();
    /** Places of tasks whose lease has ended, each once. */
    private final Turns<Place> expired = new Turns<>();
    /** Lanes that are next in turn, as the last take told. */
    private final Map<Partition, List<LaneName>> known = new ConcurrentHashMap<>();
    /** Fillings asked for since the one under way began; 0: none is. */
    private final AtomicInteger asked = new AtomicInteger();

    private final Flights flights = new Flights();
    private final TaskQueue.Reader reader;

    Lane(FunctionTarget target, LaneTools tools) {
        this.target = target;
        this.tools = tools;
        this.window = new Window(target.window(), tools.clock());
        this.reader = new RunReader(tools.codec(), tools.clock(), tools.turnstile());
    }

    /** Says that this partition's lanes may have something, and takes as much as the window has room for. May block. */
    void offer(Partition partition) {
        waiting.add(partition);
        fill();
    }

    /** One at a time: who asks while another fills has that one look once more. */
    private void fill() {
        if (asked.getAndIncrement() != 0) return;
        int seen;
        do {
            seen = asked.get();
            try {
                fillOnce();
            } catch (RuntimeException | Error e) {
                asked.set(0);
                throw e;
            }
        } while (!asked.compareAndSet(seen, 0));
    }

    private void fillOnce() {
        while (!tools.stopping().getAsBoolean() && waiting.size() + expired.size() > 0) {
            int free = window.acquire(Ask.COUNT_MAX);
            // Who gives back a place asks for a filling.
            if (free == 0) return;
            var turns = new Turn(0, 0);
            try {
                turns = takeOver(free);
                int room = turns.begun() + tools.turnstile().room(target.name(), free - turns.begun());
                for (int left = waiting.size(); left > 0 && turns.begun() < room; left--) {
                    turns = turns.plus(turn(room - turns.begun(), left));
                }
            } finally {
                window.unused(free - turns.begun());
            }
            // What waits may not have its turn, because its tenant has its share; or nothing does any more.
            if (turns.taken() == 0) return;
        }
    }

    /** @param taken tasks; @param begun those of them that have all their permits, see {@link Turnstile} */
    private record Turn(int taken, int begun) {
        Turn plus(Turn other) {
            return new Turn(taken + other.taken, begun + other.begun);
        }
    }

    /** Takes turns among the partitions that have something, so that none waits for another to become empty. */
    private Turn turn(int room, int turns) {
        Partition partition = waiting.poll();
        if (partition == null) return new Turn(0, 0);
        OptionalLong token = tools.fencingToken().apply(partition);
        if (token.isEmpty()) {
            known.remove(partition);
            return new Turn(0, 0);
        }
        Taken taken = take(partition, token.getAsLong(), Math.max(Math.min(room, TOGETHER_MIN), room / turns));
        boolean more = taken.rest() == Taken.Rest.SOMETHING || taken.rest() == Taken.Rest.UNKNOWN;
        if (more) known.put(partition, taken.next());
        else known.remove(partition);
        if (more) waiting.add(partition);
        return begin(taken.deliveries());
    }

    private Turn begin(List<Delivery> deliveries) {
        if (deliveries.isEmpty()) return new Turn(0, 0);
        List<Delivery> admitted = tools.turnstile().admit(deliveries);
        admitted.forEach(this::begin);
        return new Turn(deliveries.size(), admitted.size());
    }

    private Taken take(Partition partition, long token, int count) {
        int share = (int) Math.ceil(window.limit() * tools.terms().tenantShare());
        var ask = new Ask(
                partition,
                target.name(),
                tools.consumer(),
                token,
                Math.min(count, Ask.COUNT_MAX),
                tools.terms().lease(),
                tools.clock().instant(),
                known.getOrDefault(partition, List.of()),
                tenant -> Math.max(0, share - flights.of(tenant)),
                isContested());
        return tools.tasks().take(ask, reader);
    }

    /** Whether tasks of more than one tenant wait, as far as is known. */
    private boolean isContested() {
        String first = null;
        for (List<LaneName> lanes : known.values()) {
            for (LaneName lane : lanes) {
                if (first == null) first = lane.tenant();
                else if (!first.equals(lane.tenant())) return true;
            }
        }
        return false;
    }

    /**
     * Takes over tasks whose lease has ended, or that were given back, as soon as the window has room: before others.
     *
     * @param places of this function's tasks
     */
    void reclaim(List<Place> places) {
        for (Place place : places) {
            if (!flights.has(place)) expired.add(place);
        }
        fill();
    }

    private Turn takeOver(int room) {
        if (expired.size() == 0) return new Turn(0, 0);
        var places = new ArrayList<Place>();
        for (Place place; places.size() < room && (place = expired.poll()) != null; ) places.add(place);
        List<Delivery> claimed = claim(places);
        var poison = claimed.stream().filter(this::isPoison).toList();
        if (!poison.isEmpty()) {
            tools.turnstile().forget(poison);
            poison.forEach(this::giveUp);
        }
        var rest = claimed.stream().filter(delivery -> !isPoison(delivery)).toList();
        return new Turn(places.size(), begin(rest).begun());
    }

    private List<Delivery> claim(List<Place> places) {
        if (places.isEmpty()) return List.of();
        Instant now = tools.clock().instant();
        var claimed =
                tools.tasks().reclaim(places, tools.consumer(), tools.terms().lease(), now, reader);
        for (Delivery delivery : claimed) {
            // One that was given back counts as delivered once.
            if (delivery.count() == 1) continue;
            tools.counts().reclaimed();
            LOG.infof(
                    "run=%s step=%s attempt=%d taken over from a lost dispatcher, delivery %d",
                    delivery.task().run(),
                    delivery.task().step(),
                    delivery.task().attempt(),
                    delivery.count());
        }
        return claimed;
    }

    private boolean isPoison(Delivery delivery) {
        return delivery.count() > tools.terms().deliveriesMax();
    }

    /** Keeps the leases, and gives up what nobody waits for any more: the hint that said so may have been lost. */
    void heartbeat() {
        List<Delivery> deliveries = flights.deliveries();
        if (deliveries.isEmpty()) return;
        tools.tasks().heartbeat(deliveries, tools.terms().lease());
        tools.turnstile().keep(deliveries);
        tools.tasks()
                .unwanted(deliveries, reader)
                .forEach(delivery -> abort(delivery.partition(), delivery.task().attemptId()));
    }

    /**
     * Ends the request of an attempt that nobody waits for, if it is in flight here. Never blocks.
     *
     * @param attemptId see {@link Task#attemptId}
     */
    void abort(Partition partition, String attemptId) {
        flights.end(partition, attemptId);
    }

    /**
     * Gives back what is in flight, so that another takes it over at once; the answer of a function that still comes is
     * a result like any other.
     */
    void giveBack() {
        tools.tasks().giveBack(flights.deliveries(), tools.consumer(), Duration.ZERO);
    }

    int inFlight() {
        return flights.size();
    }

    Window window() {
        return window;
    }

    /**
     * The place that was taken for the delivery is given back when its result is stored. No thread waits meanwhile:
     * what has to be written before the request is sent has one, and the rest is begun by who fills the window.
     */
    private void begin(Delivery delivery) {
        Flights.Flight flight = flights.begin(delivery);
        if (delivery.task().tellStart()) tools.threads().execute(() -> deliver(flight));
        else deliver(flight);
    }

    private void end(Flights.Flight flight, Outcome outcome, Duration latency) {
        if (!flights.remove(flight)) return;
        window.release(outcome, latency);
        tools.turnstile().done(flight.delivery());
    }

    /** Takes as many tasks as results were stored. Fails silently: the sweep tries again. */
    void fillAgain() {
        try {
            tools.turnstile().flush();
            fill();
        } catch (RuntimeException e) {
            LOG.debugf("lane %s: %s; the sweep tries again", target.name(), e.getMessage());
        }
    }

    private void deliver(Flights.Flight flight) {
        Task task = flight.delivery().task();
        Instant startedAt = tools.clock().instant();
        orEnd(flight, () -> {
            tellStart(task, startedAt);
            tools.calls()
                    .begin(target, task, startedAt, flight.end())
                    .thenAccept(result -> orEnd(flight, () -> settle(flight, startedAt, result)));
        });
    }

    private void orEnd(Flights.Flight flight, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            Task task = flight.delivery().task();
            LOG.errorf(e, "run=%s step=%s: the attempt could not be made", task.run(), task.step());
            end(flight, Outcome.ABORTED, Duration.ZERO);
        }
    }

    /** On an event loop, when the answer is small: must not block. */
    private void settle(Flights.Flight flight, Instant startedAt, Optional<Event> result) {
        Instant endedAt = tools.clock().instant();
        tools.counts().attempt(target.name(), result, startedAt, endedAt);
        Outcome outcome = result.map(Outcome::of).orElse(Outcome.ABORTED);
        Duration latency = Duration.between(startedAt, endedAt);
        settle(flight.delivery(), result, first -> end(flight, outcome, latency));
    }

    /** Before the request is sent: a time limit of the attempt begins with it. */
    private void tellStart(Task task, Instant startedAt) {
        if (!task.tellStart()) return;
        var started = new Event.AttemptStarted(task.step(), task.attempt(), startedAt);
        for (int tries = 1; ; tries++) {
            try {
                tools.runs().post(task.run(), started);
                return;
            } catch (ProblemException e) {
                if (tries == POST_TRIES_MAX || !e.problem().retryable()) throw e;
                LockSupport.parkNanos(POST_PAUSE.toNanos());
            }
        }
    }

    /** A task that killed its dispatcher time and again; it is kept apart from those that fail. */
    private void giveUp(Delivery delivery) {
        Instant now = tools.clock().instant();
        Problem problem = Problem.of(
                Code.SL4014,
                "function '" + target.name() + "' was asked " + (delivery.count() - 1)
                        + " times for this attempt, and each time the dispatcher was lost before the answer");
        Event failed = StepContract.failed(delivery.task(), problem, Usage.NONE, now, now);
        settle(delivery, Optional.of(failed), first -> {});
    }

    /** @param result empty: nobody waits for the task any more */
    private void settle(Delivery delivery, Optional<Event> result, Consumer<Optional<Boolean>> then) {
        Settlement settlement = result.map(event -> {
                    EventCodec.Encoded encoded = tools.codec().encode(event);
                    return new Settlement(delivery, encoded.event(), encoded.data());
                })
                .orElseGet(() -> Settlement.dropped(delivery));
        tools.settler().add(new Settler.Result(settlement, this, first -> {
            if (result.isPresent() && first.isPresent() && !first.get()) duplicate(delivery.task());
            if (result.isEmpty()) {
                Task task = delivery.task();
                LOG.infof(
                        "run=%s step=%s attempt=%d: aborted, nobody waits for it any more",
                        task.run(), task.step(), task.attempt());
            }
            then.accept(first);
        }));
    }

    private void duplicate(Task task) {
        tools.counts().duplicate();
        LOG.infof(
                "run=%s step=%s attempt=%d: a second result changes nothing", task.run(), task.step(), task.attempt());
    }
}

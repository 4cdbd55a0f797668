package dev.sluice.dispatch;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Task;
import dev.sluice.queue.TaskQueue;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Runs;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** All lanes of one function: keeps min(backlog, window) requests in flight. */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);

    /** What a lane works with; the same for all lanes of a dispatcher. */
    record Tools(
            TaskQueue tasks,
            Runs runs,
            EventCodec codec,
            FunctionCalls calls,
            ExecutorService threads,
            Clock clock,
            String consumer,
            Counts counts,
            BooleanSupplier stopping) {}

    /**
     * 60 times half a second: a Redis that restarts is back by then; if not, the task is delivered again after its
     * lease.
     */
    private static final int SETTLE_TRIES_MAX = 60;

    private static final Duration SETTLE_PAUSE = Duration.ofMillis(500);

    private final FunctionTarget target;
    private final Tools tools;
    private final Window window;
    /** Partitions whose lane may have something that nobody took yet. */
    private final Turns waiting = new Turns();

    private final Flights flights = new Flights();
    private final TaskQueue.Reader reader;

    Lane(FunctionTarget target, Tools tools) {
        this.target = target;
        this.tools = tools;
        this.window = new Window(target.window(), tools.clock());
        this.reader = new Reader(tools.codec(), tools.clock());
    }

    /** Says that this partition's lane may have something, and takes as much as the window has room for. Blocks. */
    void offer(Partition partition) {
        waiting.add(partition);
        fill();
    }

    /** Takes turns among the partitions that have something, so that none waits for another to become empty. */
    private void fill() {
        while (!tools.stopping().getAsBoolean()) {
            int room = window.acquire(Integer.MAX_VALUE);
            // Who has the places looks again when it gives them back.
            if (room == 0) return;
            int taken = 0;
            Partition partition = null;
            try {
                partition = waiting.poll();
                if (partition != null) taken = fillFrom(partition, room);
            } finally {
                window.unused(room - taken);
            }
            // Asked after the places were given back: who offered in between found none, and relies on this.
            if (partition == null && waiting.size() == 0) return;
        }
    }

    private int fillFrom(Partition partition, int room) {
        int share = Math.max(1, room / (waiting.size() + 1));
        int taken = take(partition, share);
        if (taken == share) waiting.add(partition);
        return taken;
    }

    private int take(Partition partition, int count) {
        Instant now = tools.clock().instant();
        var taken = tools.tasks().take(partition, target.name(), tools.consumer(), count, now, reader);
        taken.forEach(this::begin);
        return taken.size();
    }

    private record Reader(EventCodec codec, Clock clock) implements TaskQueue.Reader {
        @Override
        public String returned(Task task) {
            var event = new Event.TaskReturned(task.step(), task.attempt(), clock.instant());
            return codec.encode(event).event();
        }

        @Override
        public boolean awaits(Task task, String step) {
            return Runs.awaits(step, task.attempt());
        }
    }

    /** Takes over what other dispatchers left, as far as the window has room. */
    void reclaim(Partition partition, Duration lease, int deliveriesMax) {
        int room = window.acquire(Integer.MAX_VALUE);
        if (room == 0) return;
        int used = 0;
        try {
            Instant now = tools.clock().instant();
            var claimed = tools.tasks().reclaim(partition, target.name(), tools.consumer(), lease, room, now, reader);
            for (Delivery delivery : claimed) {
                if (flights.has(delivery)) continue;
                tools.counts().reclaimed();
                LOG.infof(
                        "run=%s step=%s attempt=%d taken over from a lost dispatcher, delivery %d",
                        delivery.task().run(),
                        delivery.task().step(),
                        delivery.task().attempt(),
                        delivery.count());
                if (delivery.count() > deliveriesMax) {
                    giveUp(delivery);
                } else {
                    begin(delivery);
                    used++;
                }
            }
        } finally {
            window.unused(room - used);
        }
        fill();
    }

    /** Keeps the leases, and gives up what nobody waits for any more: the hint that said so may have been lost. */
    void heartbeat() {
        flights.all().forEach((partition, deliveries) -> {
            var entries = deliveries.stream().map(Delivery::entryId).toList();
            tools.tasks().heartbeat(partition, target.name(), tools.consumer(), entries);
            tools.tasks().unwanted(deliveries, reader).forEach(delivery -> abort(partition, delivery.task()));
        });
    }

    private void abort(Partition partition, Task task) {
        abort(partition, task.attemptId());
    }

    /**
     * Ends the request of an attempt that nobody waits for, if it is in flight here. Never blocks.
     *
     * @param attemptId see {@link Task#attemptId}
     */
    void abort(Partition partition, String attemptId) {
        flights.end(partition, attemptId);
    }

    int inFlight() {
        return flights.size();
    }

    Window window() {
        return window;
    }

    /** The place that was taken for the delivery is given back when it ends. */
    private void begin(Delivery delivery) {
        Flights.Flight flight = flights.begin(delivery);
        tools.threads().execute(() -> {
            var said = new Said();
            try {
                deliver(flight, said);
            } catch (RuntimeException e) {
                // Redis did not take the result: the entry stays pending and is reclaimed after its lease.
                LOG.errorf(
                        e,
                        "run=%s step=%s: the result could not be stored",
                        delivery.task().run(),
                        delivery.task().step());
            } finally {
                flights.remove(flight);
                window.release(said.outcome, said.latency);
            }
            fillAgain();
        });
    }

    private void fillAgain() {
        try {
            fill();
        } catch (RuntimeException e) {
            LOG.debugf("lane %s: %s; the sweep tries again", target.name(), e.getMessage());
        }
    }

    /** What an attempt says to the window; nothing when it was not made. */
    private static final class Said {
        private Outcome outcome = Outcome.ABORTED;
        private Duration latency = Duration.ZERO;
    }

    private void deliver(Flights.Flight flight, Said said) {
        Delivery delivery = flight.delivery();
        Instant startedAt = tools.clock().instant();
        tellStart(delivery.task(), startedAt);
        Optional<Event> result = tools.calls().call(target, delivery.task(), startedAt, flight.end());
        said.outcome = result.map(Outcome::of).orElse(Outcome.ABORTED);
        said.latency = Duration.between(startedAt, tools.clock().instant());
        if (result.isPresent()) patiently(() -> settle(delivery, result.get()));
        else patiently(() -> drop(delivery));
        tools.counts().attempt(target.name(), result, startedAt, tools.clock().instant());
    }

    /** Before the request is sent: a time limit of the attempt begins with it. */
    private void tellStart(Task task, Instant startedAt) {
        if (!task.tellStart()) return;
        var started = new Event.AttemptStarted(task.step(), task.attempt(), startedAt);
        patiently(() -> tools.runs().post(task.run(), started));
    }

    private void drop(Delivery delivery) {
        tools.tasks().settle(delivery, "", "");
        LOG.infof(
                "run=%s step=%s attempt=%d: aborted, nobody waits for it any more",
                delivery.task().run(), delivery.task().step(), delivery.task().attempt());
    }

    private void giveUp(Delivery delivery) {
        Instant now = tools.clock().instant();
        Problem problem = Problem.of(
                Code.SL4014,
                "function '" + target.name() + "' was asked " + (delivery.count() - 1)
                        + " times for this attempt, and each time the dispatcher was lost before the answer");
        settle(delivery, StepContract.failed(delivery.task(), problem, Usage.NONE, now, now));
    }

    /** The answer may have been paid for: a Redis that is just starting again must not cost it. */
    private static void patiently(Runnable write) {
        for (int tries = 1; ; tries++) {
            try {
                write.run();
                return;
            } catch (ProblemException e) {
                if (tries == SETTLE_TRIES_MAX || !e.problem().retryable()) throw e;
                LockSupport.parkNanos(SETTLE_PAUSE.toNanos());
            }
        }
    }

    private void settle(Delivery delivery, Event result) {
        EventCodec.Encoded encoded = tools.codec().encode(result);
        if (!tools.tasks().settle(delivery, encoded.event(), encoded.data())) {
            tools.counts().duplicate();
            LOG.infof(
                    "run=%s step=%s attempt=%d: a second result changes nothing",
                    delivery.task().run(),
                    delivery.task().step(),
                    delivery.task().attempt());
        }
    }
}

package dev.sluice.dispatch;

import dev.sluice.queue.Delivery;
import dev.sluice.queue.Partition;
import dev.sluice.queue.Task;
import dev.sluice.queue.TaskQueue;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Payloads;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** All lanes of one function: keeps min(backlog, window) requests in flight. */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);

    /** What a lane works with; the same for all lanes of a dispatcher. */
    record Tools(
            TaskQueue tasks,
            Payloads payloads,
            EventCodec codec,
            Http http,
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
    private final Semaphore free;
    /** Partitions whose lane may have something that nobody took yet. */
    private final Turns waiting = new Turns();
    /** What is with the function now, by partition and entry id. */
    private final Map<Partition, Map<String, Delivery>> inFlight = new ConcurrentHashMap<>();

    Lane(FunctionTarget target, Tools tools) {
        this.target = target;
        this.tools = tools;
        this.free = new Semaphore(target.window());
    }

    /** Says that this partition's lane may have something, and takes as much as the window has room for. Blocks. */
    void offer(Partition partition) {
        waiting.add(partition);
        fill();
    }

    /** Takes turns among the partitions that have something, so that none waits for another to become empty. */
    private void fill() {
        while (!tools.stopping().getAsBoolean()) {
            int room = free.drainPermits();
            // Who has the permits looks again when it gives them back.
            if (room == 0) return;
            int taken = 0;
            Partition partition = null;
            try {
                partition = waiting.poll();
                if (partition != null) taken = fillFrom(partition, room);
            } finally {
                free.release(room - taken);
            }
            // Asked after the permits were given back: who offered in between found none, and relies on this.
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
        var taken = tools.tasks().take(partition, target.name(), tools.consumer(), count, now, this::returned);
        taken.forEach(this::begin);
        return taken.size();
    }

    private String returned(Task task) {
        var event = new Event.TaskReturned(
                task.step(), task.attempt(), tools.clock().instant());
        return tools.codec().encode(event).event();
    }

    /** Takes over what other dispatchers left, as far as the window has room. */
    void reclaim(Partition partition, Duration lease, int deliveriesMax) {
        int room = free.drainPermits();
        if (room == 0) return;
        int used = 0;
        try {
            Instant now = tools.clock().instant();
            var claimed =
                    tools.tasks().reclaim(partition, target.name(), tools.consumer(), lease, room, now, this::returned);
            for (Delivery delivery : claimed) {
                if (isMine(delivery)) continue;
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
            free.release(room - used);
        }
        fill();
    }

    void heartbeat() {
        inFlight.forEach((partition, entries) ->
                tools.tasks().heartbeat(partition, target.name(), tools.consumer(), List.copyOf(entries.keySet())));
    }

    int inFlight() {
        return inFlight.values().stream().mapToInt(Map::size).sum();
    }

    private boolean isMine(Delivery delivery) {
        var own = inFlight.get(delivery.partition());
        return own != null && own.containsKey(delivery.entryId());
    }

    /** The permit that was taken for the delivery is given back when it ends. */
    private void begin(Delivery delivery) {
        inFlight.computeIfAbsent(delivery.partition(), p -> new ConcurrentHashMap<>())
                .put(delivery.entryId(), delivery);
        tools.threads().execute(() -> {
            try {
                deliver(delivery);
            } catch (RuntimeException e) {
                // Redis did not take the result: the entry stays pending and is reclaimed after its lease.
                LOG.errorf(
                        e,
                        "run=%s step=%s: the result could not be stored",
                        delivery.task().run(),
                        delivery.task().step());
            } finally {
                inFlight.get(delivery.partition()).remove(delivery.entryId());
                free.release();
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

    private void deliver(Delivery delivery) {
        Instant startedAt = tools.clock().instant();
        Event result = attempt(delivery, startedAt);
        settlePatiently(delivery, result);
        tools.counts().attempt(target.name(), result, startedAt);
    }

    private Event attempt(Delivery delivery, Instant startedAt) {
        var task = delivery.task();
        try {
            byte[] input = tools.payloads().unpackBytes(task.input());
            var headers = StepContract.headers(task, startedAt.plus(target.timeout()));
            Http.Answer answer = tools.http().post(target.url(), headers, input, target.timeout());
            return StepContract.read(task, answer, startedAt, tools.clock().instant());
        } catch (ProblemException e) {
            return StepContract.failed(
                    task, e.problem(), Usage.NONE, startedAt, tools.clock().instant());
        } catch (RuntimeException e) {
            LOG.errorf(e, "run=%s step=%s: the attempt could not be made", task.run(), task.step());
            Problem problem = Problem.of(Code.SL9001, "the dispatcher could not make the attempt: " + e)
                    .retry();
            return StepContract.failed(
                    task, problem, Usage.NONE, startedAt, tools.clock().instant());
        }
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
    private void settlePatiently(Delivery delivery, Event result) {
        for (int tries = 1; ; tries++) {
            try {
                settle(delivery, result);
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

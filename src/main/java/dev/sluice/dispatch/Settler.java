package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import dev.sluice.queue.Settlement;
import dev.sluice.queue.TaskQueue;
import dev.sluice.workflow.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Stores results. One that comes while nothing is being stored is stored at once; those that come meanwhile go together
 * in the next call.
 */
final class Settler {
    private static final Logger LOG = Logger.getLogger(Settler.class);

    /** 512 results in one call: what is behind them waits some milliseconds. */
    private static final int BATCH_MAX = 512;

    /**
     * 60 times half a second: a Redis that restarts is back by then; if not, the task is delivered again after its
     * lease.
     */
    private static final int TRIES_MAX = 60;

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final TaskQueue tasks;
    private final ExecutorService threads;
    private final Queue<Result> results = new ConcurrentLinkedQueue<>();
    /** Results added since the storing began; 0: it rests. */
    private final AtomicInteger asked = new AtomicInteger();

    /**
     * @param lane gets its next tasks when results were stored
     * @param then is told whether it was the first result of its task; empty: it could not be stored
     */
    record Result(Settlement settlement, Lane lane, Consumer<Optional<Boolean>> then) {
        Partition partition() {
            return settlement.delivery().partition();
        }
    }

    Settler(TaskQueue tasks, ExecutorService threads) {
        this.tasks = tasks;
        this.threads = threads;
    }

    /** Never blocks. */
    void add(Result result) {
        results.add(result);
        if (asked.getAndIncrement() == 0) threads.execute(this::storeAll);
    }

    private void storeAll() {
        int seen;
        do {
            seen = asked.get();
            for (var batch = next(); !batch.isEmpty(); batch = next()) store(batch);
        } while (!asked.compareAndSet(seen, 0));
    }

    private List<Result> next() {
        var batch = new ArrayList<Result>();
        for (Result result; batch.size() < BATCH_MAX && (result = results.poll()) != null; ) batch.add(result);
        return batch;
    }

    private void store(List<Result> batch) {
        try {
            stored(batch, settle(batch));
        } catch (RuntimeException | Error e) {
            LOG.debugf("%d results could not be stored (%s); each partition's are tried again", batch.size(), e);
            // A partition whose Redis is away must not hold up those of others.
            byPartition(batch).forEach(own -> threads.execute(() -> storePatiently(own)));
        }
    }

    private List<Boolean> settle(List<Result> batch) {
        return tasks.settleAll(batch.stream().map(Result::settlement).toList());
    }

    private static Iterable<List<Result>> byPartition(List<Result> batch) {
        var byPartition = new LinkedHashMap<Partition, List<Result>>();
        batch.forEach(r -> byPartition
                .computeIfAbsent(r.partition(), p -> new ArrayList<>())
                .add(r));
        return byPartition.values();
    }

    /** The answer may have been paid for: a Redis that is just starting again must not cost it. */
    private void storePatiently(List<Result> batch) {
        for (int tries = 1; ; tries++) {
            try {
                stored(batch, settle(batch));
                return;
            } catch (RuntimeException | Error e) {
                boolean mayPass = e instanceof ProblemException p && p.problem().retryable();
                if (mayPass && tries < TRIES_MAX) LockSupport.parkNanos(PAUSE.toNanos());
                else {
                    lost(batch, e);
                    return;
                }
            }
        }
    }

    private void stored(List<Result> batch, List<Boolean> first) {
        var lanes = new LinkedHashSet<Lane>();
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).then().accept(Optional.of(first.get(i)));
            lanes.add(batch.get(i).lane());
        }
        lanes.forEach(lane -> threads.execute(lane::fillAgain));
    }

    /** Redis did not take the results: the entries stay pending and are reclaimed after their lease. */
    private void lost(List<Result> batch, Throwable cause) {
        for (Result result : batch) {
            var task = result.settlement().delivery().task();
            LOG.errorf(cause, "run=%s step=%s: the result could not be stored", task.run(), task.step());
            result.then().accept(Optional.empty());
        }
    }
}

package dev.sluice.dispatch;

import dev.sluice.queue.Partition;
import dev.sluice.queue.TaskQueue;
import dev.sluice.queue.Turnstile;
import dev.sluice.store.EventCodec;
import dev.sluice.store.Runs;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What a lane works with; the same for all lanes of a dispatcher.
 *
 * @param fencingToken under which the dispatcher has a partition; empty: it has not
 * @param terms how long a task is the dispatcher's without a sign of life, and what one tenant may have
 */
record LaneTools(
        TaskQueue tasks,
        Runs runs,
        EventCodec codec,
        FunctionCalls calls,
        ExecutorService threads,
        Clock clock,
        String consumer,
        Counts counts,
        BooleanSupplier stopping,
        Function<Partition, OptionalLong> fencingToken,
        Terms terms,
        Settler settler,
        Turnstile turnstile) {

    /**
     * @param lease of a task
     * @param deliveriesMax of a task, after which it is given up as one that kills its dispatcher
     * @param tenantShare of the window, above 0 and at most 1, which one tenant may fill while others wait
     */
    record Terms(Duration lease, int deliveriesMax, double tenantShare) {}
}

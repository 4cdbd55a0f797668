package dev.sluice.inference;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Asks a second endpoint when the first takes longer than 95 of 100 answers of its route did. The first answer counts;
 * the other connection is closed. Both are paid for out of the same budgets. For one use.
 */
final class Hedge {
    private final Exchanges exchanges;
    private final Exchanges.Order order;
    private final Buying.Means means;
    private final List<Endpoint> left;
    private final long tokens;
    private final BlockingQueue<Result> results = new LinkedBlockingQueue<>();

    /** @param failure null when there is an answer */
    private record Result(Completion completion, Throwable failure) {}

    /** @param left endpoints that were not asked yet; the one that is asked second is removed */
    Hedge(Exchanges exchanges, Exchanges.Order order, Buying.Means means, List<Endpoint> left, long tokens) {
        this.exchanges = exchanges;
        this.order = order;
        this.means = means;
        this.left = left;
        this.tokens = tokens;
    }

    /** As {@link Exchanges#make}. */
    Completion run(Gate.Through first) {
        Optional<Duration> usual = means.latencies().p95(order.route());
        if (usual.isEmpty()) return exchanges.make(order, first, false, null);
        Thread one = begin(first, false);
        Thread other = null;
        try {
            Result result = results.poll(Math.max(1, usual.get().toMillis()), TimeUnit.MILLISECONDS);
            if (result == null) {
                other = beginSecond();
                result = results.take();
                // The one that is left may still answer.
                if (result.failure() != null && other != null) result = results.take();
            }
            if (result.failure() instanceof Error error) throw error;
            if (result.failure() instanceof RuntimeException failure) throw failure;
            return result.completion();
        } catch (InterruptedException nobodyWaits) {
            Thread.currentThread().interrupt();
            throw EndpointFailure.aborted(first.endpoint());
        } finally {
            one.interrupt();
            if (other != null) other.interrupt();
        }
    }

    private Thread beginSecond() {
        for (Endpoint endpoint : List.copyOf(left)) {
            if (means.gate().enter(endpoint, tokens) instanceof Gate.Through through) {
                left.remove(endpoint);
                return begin(through, true);
            }
        }
        return null;
    }

    private Thread begin(Gate.Through through, boolean second) {
        return Thread.ofVirtual().name("sluice-hedge").start(() -> {
            try {
                Completion completion = exchanges.make(order, through, second, null);
                results.add(new Result(completion, null));
            } catch (RuntimeException | Error failure) {
                results.add(new Result(null, failure));
            }
        });
    }
}

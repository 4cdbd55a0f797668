package dev.sluice.test;

import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * The virtual clock and what is due when. What is due at the same moment comes in the order in which it was planned.
 */
final class Timeline {
    /** @param key names what may be planned once and forgotten; null: neither */
    private record Due(Instant at, long rank, Object key, Runnable action) {}

    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::rank));
    private Instant now;
    private long planned;
    /** Null: in the order of planning. */
    private RandomGenerator lot;

    Timeline(Instant start) {
        this.now = start;
    }

    Instant now() {
        return now;
    }

    /** From now on, what is due at the same moment comes in an order drawn by lot. */
    void shuffle(RandomGenerator random) {
        lot = random;
    }

    void plan(Instant at, Runnable action) {
        plan(at, null, action);
    }

    /** Replaces what was planned under the same key. */
    void plan(Instant at, Object key, Runnable action) {
        if (key != null) forget(key);
        planned++;
        queue.add(new Due(at, lot == null ? planned : lot.nextLong(1L << 40), key, action));
    }

    void forget(Object key) {
        queue.removeIf(due -> Objects.equals(due.key(), key));
    }

    /** Does the next thing that is due until {@code end}, and sets the clock to its time. @return false: nothing is */
    boolean next(Instant end) {
        Due due = queue.peek();
        if (due == null || due.at().isAfter(end)) return false;
        queue.remove();
        if (due.at().isAfter(now)) now = due.at();
        due.action().run();
        return true;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    void moveTo(Instant end) {
        if (end.isAfter(now)) now = end;
    }
}

package dev.sluice.dispatch;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many attempts of one function may be in flight: who makes one takes a place before and gives it back after.
 * {@link WindowSize} says how the number follows what the function can take; {@link Gate} what happens while the
 * function is down or has asked to be left alone. It knows time by its clock alone.
 *
 * <p>For use by many threads: places are counted without a lock, and a latency that would have to wait for the lock is
 * left out, as one sample among many.
 */
final class Window {
    /** Three in a row: one connection that broke, or the last ones of a pod that went, do not mean that it is down. */
    private static final int UNREACHABLE_IN_A_ROW = 3;

    /** Busy so many times in a row, at least as often as the window is wide, and it is as good as down. */
    private static final int BUSY_IN_A_ROW_MIN = 5;

    private final Clock clock;
    private final boolean adapts;
    private final ReentrantLock lock = new ReentrantLock();
    private final WindowSize size;
    private final Gate gate = new Gate();
    private final AtomicInteger inFlight = new AtomicInteger();

    /** What {@link #size} says; read without the lock. */
    private volatile int limit;

    /** All places were taken when last one was asked for. */
    private volatile boolean full;

    /** Refusals since the last answer. */
    private final AtomicInteger refusedInARow = new AtomicInteger();

    Window(WindowBounds bounds, Clock clock) {
        this.clock = clock;
        this.adapts = bounds.min() < bounds.max();
        this.size = new WindowSize(bounds.min(), bounds.initial(), bounds.max(), clock.millis());
        this.limit = size.limit();
    }

    /** Attempts that may be begun now. Only a look: others may be faster. */
    int free() {
        long now = clock.millis();
        if (!gate.isOpen(now)) return gate.pause(now) == 0 ? 1 : 0;
        return Math.max(0, limit - inFlight.get());
    }

    /** @return true when a place was taken; it is given back by {@link #release} or {@link #unused} */
    boolean tryAcquire() {
        return acquire(1) == 1;
    }

    /**
     * @param most above 0
     * @return places taken, 0 to {@code most}; each is given back by {@link #release} or {@link #unused}
     */
    int acquire(int most) {
        long now = clock.millis();
        if (!gate.isOpen(now)) return probe(now);
        while (true) {
            int limit = this.limit;
            int taken = inFlight.get();
            int places = Math.min(most, limit - taken);
            if (places <= 0) {
                full = true;
                return 0;
            }
            if (!inFlight.compareAndSet(taken, taken + places)) continue;
            if (taken + places == limit) full = true;
            return places;
        }
    }

    private int probe(long now) {
        lock.lock();
        try {
            if (!gate.probe(now)) return 0;
            inFlight.incrementAndGet();
            return 1;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back places for which there was nothing to do. */
    void unused(int places) {
        if (places == 0) return;
        full = false;
        inFlight.addAndGet(-places);
        long now = clock.millis();
        if (gate.isOpen(now)) return;
        locked(() -> gate.probeUnused(now));
    }

    /** @param latency from the beginning of the attempt to its end */
    void release(Outcome outcome, Duration latency) {
        int before = inFlight.getAndDecrement();
        long now = clock.millis();
        double millis = latency.toNanos() / 1e6;
        switch (outcome.kind()) {
            case ANSWERED -> {
                answered(now, millis);
                if (adapts && lock.tryLock()) sample(() -> size.answered(millis, now, full));
            }
            case FAILED -> answered(now, millis);
            case TIMED_OUT ->
                locked(() -> {
                    gate.refused(sentAt(now, millis), now);
                    size.timedOut(millis, now, full);
                });
            case BUSY -> locked(() -> busy(outcome.retryAfter(), now, millis, before));
            case UNREACHABLE -> locked(() -> unreachable(now, millis));
            case ABORTED -> {
                if (!gate.isOpen(now)) locked(() -> gate.aborted(sentAt(now, millis), now));
            }
        }
    }

    private void answered(long now, double millis) {
        if (refusedInARow.get() != 0) refusedInARow.set(0);
        if (gate.isOpen(now)) return;
        locked(() -> {
            if (gate.answered(sentAt(now, millis), now)) size.reopen(now);
        });
    }

    private void busy(Duration retryAfter, long now, double millis, int before) {
        gate.refused(sentAt(now, millis), now);
        size.refused(millis, now, before);
        if (retryAfter.isPositive()) gate.closeUntil(now + retryAfter.toMillis(), now);
        else if (refusedInARow.incrementAndGet() >= Math.max(BUSY_IN_A_ROW_MIN, limit)) gate.closeUntilAnswered(now);
    }

    private void unreachable(long now, double millis) {
        gate.refused(sentAt(now, millis), now);
        if (refusedInARow.incrementAndGet() >= Math.min(UNREACHABLE_IN_A_ROW, limit)) gate.closeUntilAnswered(now);
    }

    /** Rounded up, so that what was sent in the millisecond of a change was sent after it. */
    private static long sentAt(long now, double millis) {
        return now - (long) millis;
    }

    private void locked(Runnable change) {
        lock.lock();
        sample(change);
    }

    /** With the lock held, which ends here. */
    private void sample(Runnable change) {
        try {
            change.run();
            limit = size.limit();
        } finally {
            lock.unlock();
        }
    }

    /** How long until time alone makes a place free; zero when one is, or when only the end of an attempt can. */
    Duration pause() {
        return Duration.ofMillis(gate.pause(clock.millis()));
    }

    /** Attempts that may be in flight while it is open. */
    int limit() {
        return limit;
    }

    int inFlight() {
        return inFlight.get();
    }

    /** Attempts that may be in flight now: 0 while it is closed. */
    int size() {
        return gate.isOpen(clock.millis()) ? limit : 0;
    }
}

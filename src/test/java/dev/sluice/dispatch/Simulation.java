package dev.sluice.dispatch;

import dev.sluice.store.HandClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * A function of a known capacity with a backlog before it that has no end, in virtual time: a whole hour is a moment.
 */
final class Simulation {
    enum Excess {
        /** What comes above the capacity waits in the function. */
        WAITS,
        /** What comes above the capacity is answered with 429. */
        REFUSED
    }

    private record Happening(Instant at, long order, Runnable what) {}

    final HandClock clock = new HandClock();
    final Window window;
    final Random random = new Random(7);

    int capacity;
    Excess excess = Excess.WAITS;
    boolean down;
    /** Share of attempts that are given up after 500 ms. */
    double timeouts;
    /** Asked for by each refusal. */
    Duration retryAfter = Duration.ZERO;
    /** Of one attempt without a queue, in ms. */
    DoubleSupplier work = () -> 200;
    /** Attempts to make; the default has no end. */
    int backlog = Integer.MAX_VALUE;

    int answered;
    int refused;
    int unreachable;
    int timedOut;

    private final Queue<Instant> queue = new ArrayDeque<>();
    private final PriorityQueue<Happening> happenings =
            new PriorityQueue<>(Comparator.comparing(Happening::at).thenComparing(Happening::order));
    private long happened;
    private int busy;

    Simulation(WindowBounds bounds, int capacity) {
        this.window = new Window(bounds, clock);
        this.capacity = capacity;
    }

    void run(Duration time) {
        Instant end = clock.instant().plus(time);
        fill();
        while (true) {
            Duration pause = window.pause();
            Instant next = happenings.isEmpty() ? end : happenings.peek().at();
            if (pause.isPositive() && clock.instant().plus(pause).isBefore(next))
                next = clock.instant().plus(pause);
            if (!next.isBefore(end)) break;
            clock.set(next);
            while (!happenings.isEmpty() && !happenings.peek().at().isAfter(next))
                happenings.poll().what().run();
            fill();
        }
        clock.set(end);
    }

    private void fill() {
        while (backlog > 0 && window.tryAcquire()) {
            backlog--;
            send(clock.instant());
        }
    }

    private void after(double millis, Runnable what) {
        happenings.add(new Happening(clock.instant().plusNanos((long) (millis * 1e6)), happened++, what));
    }

    private void send(Instant at) {
        if (down) {
            unreachable++;
            after(1, () -> end(Outcome.UNREACHABLE, at));
        } else if (random.nextDouble() < timeouts) {
            timedOut++;
            after(500, () -> end(Outcome.TIMED_OUT, at));
        } else if (busy < capacity) {
            work(at);
        } else if (excess == Excess.WAITS) {
            queue.add(at);
        } else {
            refused++;
            after(5, () -> end(Outcome.busy(retryAfter), at));
        }
    }

    private void work(Instant sentAt) {
        busy++;
        after(work.getAsDouble(), () -> {
            busy--;
            answered++;
            end(Outcome.ANSWERED, sentAt);
            if (busy < capacity && !queue.isEmpty()) work(queue.poll());
        });
    }

    private void end(Outcome outcome, Instant sentAt) {
        window.release(outcome, Duration.between(sentAt, clock.instant()));
    }
}

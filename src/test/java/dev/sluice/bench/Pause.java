package dev.sluice.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waiting: a measurement takes its time. */
final class Pause {
    /** A question that may fail while a process is starting or ending. */
    interface Question {
        boolean ask() throws IOException;
    }

    private Pause() {}

    static void millis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Asks every {@code every} ms until the answer is yes. @return false when it was not within {@code most} */
    static boolean until(Duration most, int every, Question question) throws IOException {
        long end = System.nanoTime() + most.toNanos();
        while (!question.ask()) {
            if (System.nanoTime() > end) return false;
            millis(every);
        }
        return true;
    }
}

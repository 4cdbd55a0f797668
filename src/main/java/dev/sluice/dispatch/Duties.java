package dev.sluice.dispatch;

import dev.sluice.store.Clearings;
import dev.sluice.store.Invariant;
import dev.sluice.store.LetterRetention;
import dev.sluice.store.Retention;
import dev.sluice.store.Schedules;
import dev.sluice.store.Turn;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * What a deployment does by itself, beside the dispatcher's sweep: starts what is due, proves that every run will wake,
 * deletes what is past its time, and clears dead letters as it was asked to. Each on a thread of its own, so that a
 * long one holds up none of the others.
 */
@ApplicationScoped
public class Duties {
    private static final Logger LOG = Logger.getLogger(Duties.class);

    /** 5 s: a run may stay so much longer than it must; see {@link Retention} for how many go each time. */
    private static final Duration RETENTION_INTERVAL = Duration.ofSeconds(5);

    /** 200 ms: a clearing of 1,000 letters a second does 200 at a time. */
    private static final Duration CLEARING_INTERVAL = Duration.ofMillis(200);

    private final Schedules schedules;
    private final Invariant invariant;
    private final Retention retention;
    private final LetterRetention letters;
    private final Clearings clearings;
    private final Turn turn;
    private final Duration interval;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(
            4, Thread.ofPlatform().daemon().name("sluice-duty").factory());

    Duties(
            DispatchSettings settings,
            Schedules schedules,
            Invariant invariant,
            Retention retention,
            LetterRetention letters,
            Clearings clearings,
            Turn turn) {
        this.schedules = schedules;
        this.invariant = invariant;
        this.retention = retention;
        this.letters = letters;
        this.clearings = clearings;
        this.turn = turn;
        this.interval = settings.sweepInterval();
    }

    public void start() {
        every(interval, "starting what is due", schedules::startDue);
        every(interval, "looking for runs that nothing wakes", this::prove);
        every(RETENTION_INTERVAL, "deleting old runs", this::delete);
        every(RETENTION_INTERVAL, "counting dead letters", letters::refresh);
        every(CLEARING_INTERVAL, "clearing dead letters", clearings::step);
    }

    public void stop() {
        timer.shutdown();
    }

    private void prove() {
        // A little less than the interval: the same process must find its own turn over.
        if (turn.take("invariant", interval.multipliedBy(9).dividedBy(10))) invariant.step();
        else invariant.refresh();
    }

    private void delete() {
        if (turn.take("retention", RETENTION_INTERVAL.multipliedBy(9).dividedBy(10))) {
            retention.step();
            letters.step();
        }
    }

    private void every(Duration interval, String duty, Runnable work) {
        timer.scheduleWithFixedDelay(() -> quietly(duty, work), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As with the sweep: a duty that fails is tried again at its next turn. */
    private static void quietly(String duty, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.warnf("%s failed (%s); it is tried again", duty, e.getMessage() == null ? e : e.getMessage());
        }
    }
}

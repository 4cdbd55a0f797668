package dev.sluice.inference;

import dev.sluice.workflow.ProblemException;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** What goes on beside calls: leases are renewed, and what processes that died have left is made good. */
final class Upkeep {
    private static final Logger LOG = Logger.getLogger(Upkeep.class);

    /** 10 s: what a dead process has set aside is in the books soon after its lease has ended. */
    private static final Duration SWEEP = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Keeper keeper;
    private final Books books;
    private final List<Runnable> ends;
    private final List<Long> timers = new ArrayList<>();

    /** @param ends what is to be closed at the end of the process */
    Upkeep(Vertx vertx, Keeper keeper, Books books, List<Runnable> ends) {
        this.vertx = vertx;
        this.keeper = keeper;
        this.books = books;
        this.ends = List.copyOf(ends);
    }

    void start() {
        every(Keeper.INTERVAL, keeper::renew);
        every(SWEEP, books::sweep);
    }

    /** One at a time; what fails comes again. */
    private void every(Duration interval, Runnable duty) {
        var running = new AtomicBoolean();
        timers.add(vertx.setPeriodic(interval.toMillis(), timer -> {
            if (!running.compareAndSet(false, true)) return;
            Thread.ofVirtual().name("sluice-inference-upkeep").start(() -> {
                try {
                    duty.run();
                } catch (ProblemException e) {
                    LOG.warnf(
                            "the books of the inference layer: %s", e.problem().oneLine());
                } finally {
                    running.set(false);
                }
            });
        }));
    }

    void stop() {
        timers.forEach(vertx::cancelTimer);
        ends.forEach(Runnable::run);
    }
}

package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.store.HandClock;
import dev.sluice.workflow.ProblemException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the window leaves a function alone that is down or wants to be, and how places are counted. */
class WindowGateTest {
    private static final Duration SOON = Duration.ofMillis(10);
    private static final WindowBounds BOUNDS = new WindowBounds(2, 64, 16);

    private final HandClock clock = new HandClock();
    private final Window window = new Window(BOUNDS, clock);

    private static Simulation simulation() {
        return new Simulation(BOUNDS, 40);
    }

    private void refuse(Duration retryAfter) {
        assertThat(window.tryAcquire()).isTrue();
        clock.advance(SOON);
        window.release(Outcome.busy(retryAfter), SOON);
    }

    private void answer() {
        assertThat(window.tryAcquire()).isTrue();
        clock.advance(SOON);
        window.release(Outcome.ANSWERED, SOON);
    }

    private void bringDown() {
        for (int i = 0; i < 3; i++) {
            assertThat(window.tryAcquire()).isTrue();
            clock.advance(SOON);
            window.release(Outcome.UNREACHABLE, SOON);
        }
        assertThat(window.size()).isZero();
    }

    @Test
    void aFunctionThatIsDownForAnHourCostsAProbeEveryTenSeconds() {
        var simulation = simulation();
        simulation.run(Duration.ofSeconds(10));
        simulation.down = true;
        simulation.run(Duration.ofHours(1));
        // 64 were in flight at most when it went, and 7 probes come before the pause is 10 s.
        assertThat(simulation.unreachable).isBetween(360, 360 + 64 + 7);
        assertThat(simulation.window.inFlight()).isLessThanOrEqualTo(1);
    }

    @Test
    void aFunctionThatComesBackHasItsWindowSoon() {
        var simulation = simulation();
        simulation.run(Duration.ofSeconds(10));
        simulation.down = true;
        simulation.run(Duration.ofMinutes(10));
        simulation.down = false;
        simulation.run(Duration.ofSeconds(20));
        assertThat(simulation.window.size()).isBetween(32, 48);
        int before = simulation.answered;
        simulation.run(Duration.ofSeconds(10));
        assertThat(simulation.answered - before).isGreaterThan(5 * 10 * 32);
    }

    @Test
    void oneConnectionThatBreaksAmongAnswersClosesNothing() {
        for (int i = 0; i < 20; i++) {
            answer();
            assertThat(window.tryAcquire()).isTrue();
            window.release(Outcome.UNREACHABLE, Duration.ZERO);
        }
        assertThat(window.size()).isEqualTo(16);
    }

    @Test
    void aFunctionThatRefusesEverythingCostsAProbeEveryTenSeconds() {
        var simulation = simulation();
        simulation.excess = Simulation.Excess.REFUSED;
        simulation.capacity = 0;
        simulation.run(Duration.ofHours(1));
        assertThat(simulation.refused).isBetween(360, 360 + 64 + 7);
        simulation.capacity = 40;
        simulation.run(Duration.ofSeconds(60));
        assertThat(simulation.window.size()).isBetween(32, 48);
    }

    @Test
    void refusalsOfOneRoundTripCountOnce() {
        assertThat(window.acquire(16)).isEqualTo(16);
        clock.advance(SOON);
        for (int i = 0; i < 4; i++) window.release(Outcome.busy(Duration.ZERO), SOON);
        // 16 x 0.85
        assertThat(window.size()).isEqualTo(13);
    }

    @Test
    void retryAfterClosesItUntilThenExceptForProbes() {
        refuse(Duration.ofSeconds(5));
        assertThat(window.size()).isZero();
        assertThat(window.free()).isZero();
        assertThat(window.tryAcquire()).isFalse();
        assertThat(window.pause()).isEqualTo(Duration.ofSeconds(1));

        clock.advance(Duration.ofSeconds(1));
        assertThat(window.free()).isEqualTo(1);
        assertThat(window.acquire(10)).isEqualTo(1);
        assertThat(window.tryAcquire()).isFalse();

        clock.advance(Duration.ofSeconds(4));
        assertThat(window.pause()).isZero();
        assertThat(window.size()).isEqualTo(13);
        assertThat(window.tryAcquire()).isTrue();
    }

    @Test
    void aProbeThatIsAnsweredShowsThatRetryAfterWasForOneCallerOnly() {
        refuse(Duration.ofHours(1));
        clock.advance(Duration.ofSeconds(1));
        answer();
        assertThat(window.size()).isEqualTo(13);
    }

    @Test
    void anAnswerToWhatWasSentBeforeDoesNotOpenIt() {
        assertThat(window.acquire(2)).isEqualTo(2);
        clock.advance(SOON);
        window.release(Outcome.busy(Duration.ofSeconds(5)), SOON);
        clock.advance(SOON);
        window.release(Outcome.ANSWERED, SOON.multipliedBy(2));
        assertThat(window.size()).isZero();
    }

    @Test
    void aShorterRetryAfterDoesNotTakeBackALongerOne() {
        assertThat(window.acquire(2)).isEqualTo(2);
        clock.advance(SOON);
        window.release(Outcome.busy(Duration.ofSeconds(5)), SOON);
        window.release(Outcome.busy(Duration.ofSeconds(2)), SOON);
        clock.advance(Duration.ofSeconds(3));
        assertThat(window.size()).isZero();
    }

    @Test
    void aProbeForWhichThereIsNoTaskIsNotLost() {
        bringDown();
        clock.advance(Duration.ofMillis(250));
        assertThat(window.tryAcquire()).isTrue();
        window.unused(1);
        assertThat(window.tryAcquire()).isTrue();
        assertThat(window.tryAcquire()).isFalse();
    }

    @Test
    void aProbeThatIsNotHeardOfHoldsUpTheNextForHalfAMinuteOnly() {
        bringDown();
        clock.advance(Duration.ofMillis(250));
        assertThat(window.tryAcquire()).isTrue();
        assertThat(window.pause()).isEqualTo(Duration.ofSeconds(30));
        clock.advance(Duration.ofSeconds(30));
        assertThat(window.tryAcquire()).isTrue();
    }

    @Test
    void eachProbeThatFailsDoublesThePause() {
        bringDown();
        for (long pause : new long[] {250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000}) {
            assertThat(window.pause()).isEqualTo(Duration.ofMillis(pause));
            clock.advance(Duration.ofMillis(pause));
            assertThat(window.tryAcquire()).isTrue();
            window.release(Outcome.UNREACHABLE, Duration.ZERO);
        }
    }

    @Test
    void anAttemptThatWasGivenUpSaysNothing() {
        for (int i = 0; i < 100; i++) {
            assertThat(window.tryAcquire()).isTrue();
            window.release(Outcome.ABORTED, Duration.ZERO);
        }
        assertThat(window.size()).isEqualTo(16);
        assertThat(window.inFlight()).isZero();
    }

    @Test
    void manyThreadsNeverHaveMoreThanTheWindow() throws InterruptedException {
        var fixed = new Window(WindowBounds.fixed(5), clock);
        var open = new AtomicInteger();
        var most = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int thread = 0; thread < 8; thread++) {
                threads.execute(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        int places = fixed.acquire(2);
                        most.accumulateAndGet(open.addAndGet(places), Math::max);
                        open.addAndGet(-places);
                        if (places > 0) fixed.release(Outcome.ANSWERED, Duration.ZERO);
                        if (places > 1) fixed.unused(1);
                    }
                });
            }
        }
        assertThat(most.get()).isLessThanOrEqualTo(5);
        assertThat(fixed.free()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"0, 5, 1", "5, 4, 1", "1, 5000, 1", "1, 5, 0"})
    void boundsThatContradictEachOtherAreRefused(int min, int max, int initial) {
        var refused = catchThrowableOfType(ProblemException.class, () -> new WindowBounds(min, max, initial));
        assertThat(refused.problem().code()).isEqualTo("SL1015");
        assertThat(refused.problem().detail()).contains("min " + min, "max " + max, "initial " + initial);
    }
}

package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the window follows what a function can take. */
class WindowTest {
    private static final Duration WORK = Duration.ofMillis(200);
    private static final WindowBounds BOUNDS = new WindowBounds(2, 256, 4);

    private static Simulation of(int capacity, Simulation.Excess excess) {
        var simulation = new Simulation(BOUNDS, capacity);
        simulation.excess = excess;
        return simulation;
    }

    private static void roundTrips(Simulation simulation, int count) {
        simulation.run(WORK.multipliedBy(count));
    }

    /** Looked at in every round trip. */
    private static void holds(Simulation simulation, int roundTrips, int least, int most) {
        for (int i = 0; i < roundTrips; i++) {
            roundTrips(simulation, 1);
            assertThat(simulation.window.size()).isBetween(least, most);
        }
    }

    @ParameterizedTest
    @CsvSource({"WAITS, 20, 16, 24", "REFUSED, 20, 16, 24", "WAITS, 100, 80, 120", "REFUSED, 100, 80, 120"})
    void aCapacityIsFoundAndHeld(Simulation.Excess excess, int capacity, int least, int most) {
        var simulation = of(capacity, excess);
        roundTrips(simulation, 30);
        holds(simulation, 500, least, most);
    }

    @Test
    void aFunctionThatRefusesLosesFewAttemptsToTheSearch() {
        var simulation = of(20, Simulation.Excess.REFUSED);
        roundTrips(simulation, 1_000);
        assertThat(simulation.answered).isGreaterThan(1_000 * 20 * 85 / 100);
        assertThat(simulation.refused).isLessThan(simulation.answered / 100);
    }

    @ParameterizedTest
    @EnumSource
    void aCapacityThatDropsAndReturnsIsFollowed(Simulation.Excess excess) {
        var simulation = of(40, excess);
        roundTrips(simulation, 60);
        simulation.capacity = 10;
        roundTrips(simulation, 100);
        holds(simulation, 50, 7, 14);
        simulation.capacity = 40;
        roundTrips(simulation, 60);
        holds(simulation, 50, 32, 48);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.6, 1.0})
    void callsOfModelsThatVaryByTheirLengthDoNotShrinkIt(double deviation) {
        var simulation = new Simulation(new WindowBounds(4, 64, 16), 1_000);
        simulation.work = () -> 30_000 * Math.exp(deviation * simulation.random.nextGaussian());
        simulation.run(Duration.ofMinutes(20));
        double sum = 0;
        for (int minute = 0; minute < 1_440; minute++) {
            simulation.run(Duration.ofMinutes(1));
            sum += simulation.window.size();
        }
        assertThat(sum / 1_440).isGreaterThan(0.85 * 64);
    }

    @Test
    void workThatTakesLongerByNatureIsTheNewNorm() {
        var simulation = new Simulation(new WindowBounds(2, 64, 4), 1_000);
        roundTrips(simulation, 30);
        assertThat(simulation.window.size()).isEqualTo(64);
        simulation.work = () -> 1_000;
        roundTrips(simulation, 40);
        holds(simulation, 200, 64, 64);
    }

    @Test
    void itDoesNotGrowWithoutABacklog() {
        var simulation = of(1_000, Simulation.Excess.WAITS);
        for (int i = 0; i < 500; i++) {
            simulation.backlog = 3;
            roundTrips(simulation, 2);
        }
        assertThat(simulation.answered).isEqualTo(1_500);
        assertThat(simulation.window.size()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"WAITS, 3", "REFUSED, 10", "WAITS, 1000"})
    void itStaysWithinItsBounds(Simulation.Excess excess, int capacity) {
        var simulation = new Simulation(new WindowBounds(8, 12, 100), capacity);
        simulation.excess = excess;
        assertThat(simulation.window.size()).isEqualTo(12);
        roundTrips(simulation, 100);
        holds(simulation, 100, 8, 12);
    }

    @Test
    void theSameBoundsMakeAWindowThatDoesNotMove() {
        var simulation = new Simulation(WindowBounds.fixed(16), 4);
        roundTrips(simulation, 1);
        holds(simulation, 100, 16, 16);
    }

    @Test
    void anAttemptThatTimesOutNowAndThenChangesNothing() {
        var simulation = new Simulation(new WindowBounds(2, 64, 64), 1_000);
        simulation.timeouts = 0.2;
        simulation.run(Duration.ofSeconds(60));
        assertThat(simulation.timedOut).isGreaterThan(1_000);
        assertThat(simulation.window.size()).isEqualTo(64);
    }

    @Test
    void aFunctionThatAnswersNothingInTimeIsAskedLess() {
        var simulation = new Simulation(new WindowBounds(2, 64, 64), 1_000);
        simulation.timeouts = 1;
        simulation.run(Duration.ofSeconds(60));
        assertThat(simulation.window.size()).isLessThan(8);
    }
}

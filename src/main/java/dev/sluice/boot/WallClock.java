package dev.sluice.boot;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The one clock of the process; tests put another in its place. */
final class WallClock {
    private WallClock() {}

    /**
     * @param offset {@code sluice.clock.offset}: by how much the process takes its machine's clock to be ahead, to see
     *     what machines do together whose clocks disagree; below zero: behind
     */
    @Produces
    @Singleton
    static CommonClock clock(@ConfigProperty(name = "sluice.clock.offset", defaultValue = "PT0S") Duration offset) {
        return new CommonClock(offset.isZero() ? Clock.systemUTC() : Clock.offset(Clock.systemUTC(), offset));
    }
}

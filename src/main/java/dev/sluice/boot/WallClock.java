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
     * @param offset {@code sluice.clock.offset}: how much the process's clock is ahead of the machine's, to see what
     *     machines do together whose clocks disagree; below zero: behind
     */
    @Produces
    @Singleton
    static Clock clock(@ConfigProperty(name = "sluice.clock.offset", defaultValue = "PT0S") Duration offset) {
        return offset.isZero() ? Clock.systemUTC() : Clock.offset(Clock.systemUTC(), offset);
    }
}

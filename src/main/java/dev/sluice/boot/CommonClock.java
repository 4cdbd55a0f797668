package dev.sluice.boot;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * The machine's clock, set right by that of Redis where they disagree: one process writes when a timer is due, and
 * another one finds that it is.
 */
final class CommonClock extends Clock {
    private final Clock machine;

    /** What is added to the machine's time, in ms. Written by {@link ClockCheck} alone. */
    private volatile long correction;

    CommonClock(Clock machine) {
        this.machine = machine;
    }

    /** The time without a correction, in ms since 1970. */
    long machineMillis() {
        return machine.millis();
    }

    Duration correction() {
        return Duration.ofMillis(correction);
    }

    void correct(Duration by) {
        correction = by.toMillis();
    }

    @Override
    public long millis() {
        return machine.millis() + correction;
    }

    @Override
    public Instant instant() {
        long by = correction;
        return by == 0 ? machine.instant() : machine.instant().plusMillis(by);
    }

    @Override
    public ZoneId getZone() {
        return machine.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.offset(machine.withZone(zone), correction());
    }
}

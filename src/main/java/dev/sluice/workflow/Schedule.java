package dev.sluice.workflow;

import java.time.Duration;
import java.util.Optional;

/**
 * When runs start by themselves. Several members together each start runs.
 *
 * @param every a run each interval, whether or not the one before has ended; at least {@link #EVERY_MIN}
 * @param cron five fields of Unix cron, in UTC
 * @param after so long after the run before has ended
 * @param on events that start a run; its input is their array
 */
public record Schedule(
        Optional<Duration> every, Optional<CronTimes> cron, Optional<Duration> after, Optional<Consumption> on) {
    /** 1 s: how often due schedules are looked for. */
    public static final Duration EVERY_MIN = Duration.ofSeconds(1);

    /** Runs start by the clock, with the input {@code {}}. */
    public boolean isTimed() {
        return every.isPresent() || cron.isPresent() || after.isPresent();
    }
}

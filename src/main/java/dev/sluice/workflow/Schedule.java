package dev.sluice.workflow;

import java.time.Duration;
import java.util.Optional;

/**
 * When runs start by themselves.
 *
 * @param every a run each interval, whether or not the one before has ended
 * @param cron five fields of Unix cron, in UTC
 * @param after so long after the run before has ended
 * @param on events that start a run; its input is their array
 */
public record Schedule(
        Optional<Duration> every, Optional<String> cron, Optional<Duration> after, Optional<Consumption> on) {}

package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.Schedules;
import dev.sluice.store.Sleeper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the API shows of what a deployment does by itself. */
@RegisterForReflection(ignoreNested = false)
public final class DutyViews {
    private DutyViews() {}

    public record ScheduleList(List<Schedule> schedules) {}

    /**
     * @param schedule as the document has it
     * @param pausedAt null unless it is paused
     * @param next when a run is due next, by {@code every}, {@code cron} and {@code after}; none for events, nor for a
     *     chain whose run has not ended
     * @param last by the same: {@code dueAt}, {@code at} when it was started, {@code run} or {@code problem}
     */
    public record Schedule(
            String workflow,
            JsonNode schedule,
            Instant pausedAt,
            Map<String, Instant> next,
            Map<String, JsonNode> last) {
        static Schedule of(Schedules.Entry entry) {
            return new Schedule(
                    entry.workflow(), entry.schedule(), entry.pausedAt().orElse(null), entry.next(), entry.last());
        }
    }

    /**
     * @param findings runs that nothing wakes, the longest first; at most 1,000
     * @param openEnded runs that only a function can wake, which may stay silent for ever
     * @param lastRound of the walk over all runs: {@code endedAt} and {@code runs}; null before the first has ended
     */
    public record Invariant(List<Finding> findings, List<Finding> openEnded, JsonNode lastRound) {}

    /**
     * @param step key of the visit; empty: the run as a whole
     * @param missing in words
     * @param repairable false: a person has to look
     * @param repairs how often the run was asked to make anew what wakes it
     */
    public record Finding(
            String run, String step, String missing, boolean repairable, Instant since, int looks, int repairs) {
        static Finding of(Sleeper s) {
            boolean repairable = s.missing().kind() == Sleeper.Kind.REPAIRABLE;
            return new Finding(
                    s.run(), s.missing().step(), s.missing().what(), repairable, s.since(), s.looks(), s.repairs());
        }
    }
}

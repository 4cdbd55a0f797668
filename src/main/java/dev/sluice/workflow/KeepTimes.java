package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a workflow's runs are kept after their end, from {@code document.metadata.retention}: a duration for all, or
 * an object with {@code succeeded}, {@code failed} and {@code cancelled}. Empty: what the operator has set.
 */
public record KeepTimes(Optional<Duration> succeeded, Optional<Duration> failed, Optional<Duration> cancelled) {

    /** @throws ProblemException SL3003 when one is no duration */
    static KeepTimes of(Definition definition) {
        return of(definition.document().path("document").path("metadata").path("retention"));
    }

    static KeepTimes of(JsonNode retention) {
        boolean byOutcome = retention.has("succeeded") || retention.has("failed") || retention.has("cancelled");
        if (!byOutcome) {
            Optional<Duration> all = duration(retention);
            return new KeepTimes(all, all, all);
        }
        return new KeepTimes(
                duration(retention.path("succeeded")),
                duration(retention.path("failed")),
                duration(retention.path("cancelled")));
    }

    private static Optional<Duration> duration(JsonNode json) {
        return json.isMissingNode() || json.isNull() ? Optional.empty() : Optional.of(Durations.of(json));
    }

    /** Empty also for a status that is not an end. */
    public Optional<Duration> after(RunStatus status) {
        return switch (status) {
            case SUCCEEDED -> succeeded;
            case FAILED -> failed;
            case CANCELLED -> cancelled;
            case QUEUED, RUNNING, WAITING, PAUSED -> Optional.empty();
        };
    }
}

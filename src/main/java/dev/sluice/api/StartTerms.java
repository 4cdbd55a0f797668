package dev.sluice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.store.Schedules;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Service;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * What the one who starts a run may ask for beside its input, as texts. Empty ones are left to the workflow.
 *
 * @param tenant 1 to 64 letters, digits, {@code _ . -}
 * @param priority {@code high}, {@code normal} or {@code low}
 * @param delay ISO 8601 duration after which the run begins
 * @param startAt ISO 8601 time with offset at which it begins; not together with {@code delay}
 */
record StartTerms(String tenant, String priority, String delay, String startAt) {
    /** 366 days: what is planned further ahead is a schedule's matter. */
    private static final Duration DELAY_MAX = Duration.ofDays(366);

    static final StartTerms NONE = new StartTerms("", "", "", "");

    /** Each where it says something, else as {@code others} say; a time of either kind counts as one. */
    StartTerms or(StartTerms others) {
        boolean isTimed = !delay.isEmpty() || !startAt.isEmpty();
        return new StartTerms(
                tenant.isEmpty() ? others.tenant : tenant,
                priority.isEmpty() ? others.priority : priority,
                isTimed ? delay : others.delay,
                isTimed ? startAt : others.startAt);
    }

    /** @throws dev.sluice.workflow.ProblemException SL2014 saying which is not valid */
    Service.Asked asked(Instant now) {
        if (isNothing()) return Service.Asked.NOTHING;
        checkTenant(tenant);
        checkPriority(priority);
        return new Service.Asked(
                Optional.of(tenant).filter(text -> !text.isEmpty()), Priority.of(priority), startsAt(now));
    }

    private boolean isNothing() {
        return tenant.isEmpty() && priority.isEmpty() && delay.isEmpty() && startAt.isEmpty();
    }

    static void checkTenant(String tenant) {
        if (tenant.isEmpty() || Service.isTenant(tenant)) return;
        throw RunsResource.invalid("tenant must be 1 to 64 letters, digits, '_', '.' or '-', was '" + tenant + "'");
    }

    static void checkPriority(String priority) {
        if (priority.isEmpty() || Priority.of(priority).isPresent()) return;
        throw RunsResource.invalid("priority must be high, normal or low, was '" + priority + "'");
    }

    private Optional<Instant> startsAt(Instant now) {
        if (!delay.isEmpty() && !startAt.isEmpty()) {
            throw RunsResource.invalid("send either delay or startAt, to say when the run begins");
        }
        if (delay.isEmpty() && startAt.isEmpty()) return Optional.empty();
        Duration wait = delay.isEmpty() ? Duration.between(now, time()) : duration();
        if (wait.compareTo(DELAY_MAX) > 0) {
            throw RunsResource.invalid("a run begins at most " + DELAY_MAX.toDays()
                    + " days from now; this one would in " + wait.toDays() + " days");
        }
        return wait.isPositive() ? Optional.of(now.plus(wait)) : Optional.empty();
    }

    private Duration duration() {
        try {
            Duration wait = Duration.parse(delay);
            if (!wait.isNegative()) return wait;
        } catch (DateTimeException e) {
            // Said below, as for a duration that is below zero.
        }
        throw RunsResource.invalid("delay must be an ISO 8601 duration such as PT90S, was '" + delay + "'");
    }

    private Instant time() {
        try {
            return OffsetDateTime.parse(startAt).toInstant();
        } catch (DateTimeException e) {
            throw RunsResource.invalid(
                    "startAt must be an ISO 8601 time with offset such as 2026-05-01T08:00:00Z, was '" + startAt + "'");
        }
    }

    /**
     * The extension attributes of a CloudEvent that starts runs.
     *
     * @throws dev.sluice.workflow.ProblemException SL2007
     */
    static void check(JsonNode envelope) {
        String tenant = envelope.path(Schedules.TENANT).asText();
        String priority = envelope.path(Schedules.PRIORITY).asText();
        if (!tenant.isEmpty() && !Service.isTenant(tenant)) {
            throw malformed(
                    Schedules.TENANT + " must be 1 to 64 letters, digits, '_', '.' or '-', was '" + tenant + "'");
        }
        if (!priority.isEmpty() && Priority.of(priority).isEmpty()) {
            throw malformed(Schedules.PRIORITY + " must be high, normal or low, was '" + priority + "'");
        }
    }

    private static RuntimeException malformed(String reason) {
        return Problem.of(Code.SL2007, reason).asException();
    }
}

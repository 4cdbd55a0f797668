package dev.sluice.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compiles when runs start by themselves. */
final class ScheduleCompiler {
    /** Any time: an expression that has no next one after it never has one. */
    private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final Parts parts;
    private final JsonNode schedule;

    ScheduleCompiler(Parts parts, JsonNode document) {
        this.parts = parts;
        this.schedule = document.path("schedule");
    }

    /** @param input schema of the workflow's input */
    Optional<Schedule> compile(Optional<InputSchema> input) {
        if (schedule.isMissingNode()) return Optional.empty();
        Optional<Consumption> on = schedule.has("on")
                ? Optional.of(new EventCompiler(parts).consumption(schedule.get("on"), "/schedule/on"))
                : Optional.empty();
        on.filter(Collecting::collects).ifPresent(this::checkCorrelations);
        var compiled = new Schedule(every(), cron(), constant("after"), on);
        if (compiled.isTimed()) input.ifPresent(this::checkInput);
        return Optional.of(compiled);
    }

    private Optional<Duration> every() {
        return constant("every").filter(every -> {
            boolean ok = every.compareTo(Schedule.EVERY_MIN) >= 0;
            if (!ok) parts.findings.add("/schedule/every", "the interval is " + every + "; it must be PT1S or more");
            return ok;
        });
    }

    private Optional<CronTimes> cron() {
        String text = schedule.path("cron").textValue();
        if (text == null) return Optional.empty();
        try {
            CronTimes times = CronTimes.of(text);
            if (times.next(SOME_TIME).isPresent()) return Optional.of(times);
            parts.findings.add("/schedule/cron", "'" + text + "' is never due");
        } catch (IllegalArgumentException e) {
            parts.findings.add(
                    "/schedule/cron",
                    "'" + text + "' is not a cron expression of five fields (minute, hour, day of the month, month, day"
                            + " of the week), such as '0 6 * * 1-5': " + e.getMessage());
        }
        return Optional.empty();
    }

    private Optional<Duration> constant(String member) {
        return parts.duration(schedule, member, "/schedule").flatMap(template -> {
            JsonNode value = template instanceof Template.Constant c ? c.value() : MissingNode.getInstance();
            if (value.isMissingNode()) {
                parts.findings.add("/schedule/" + member, "a schedule has no run whose data an expression could read");
                return Optional.empty();
            }
            try {
                return Optional.of(Durations.of(value));
            } catch (ProblemException e) {
                return Optional.empty();
            }
        });
    }

    private void checkInput(InputSchema schema) {
        List<String> mismatches = schema.check(JsonNodeFactory.instance.objectNode());
        if (mismatches.isEmpty()) return;
        parts.findings.add(
                "/schedule",
                "a run that starts by the clock has the input {}, which does not match /input/schema: "
                        + String.join("; ", mismatches));
    }

    /** Events are collected by their correlation values: those of filters with other names could never meet. */
    private void checkCorrelations(Consumption on) {
        Set<Set<String>> names = Stream.concat(
                        on.filters().stream(), on.stop().stream().flatMap(stop -> stop.filters().stream()))
                .map(filter -> filter.correlations().keySet())
                .collect(Collectors.toSet());
        if (names.size() <= 1) return;
        parts.findings.unsupported(
                "/schedule/on",
                "all filters of a schedule that collects events must have the same names under correlate");
    }
}

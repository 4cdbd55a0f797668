package dev.sluice.workflow;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * The times of a cron expression: minute, hour, day of the month, month and day of the week (0 and 7 are Sunday), in
 * UTC. A day fits when the month's or the week's field names it, if neither is {@code *}.
 */
public final class CronTimes {
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private final String text;
    private final ExecutionTime times;

    private CronTimes(String text, ExecutionTime times) {
        this.text = text;
        this.times = times;
    }

    /** @throws IllegalArgumentException when {@code text} is no such expression; the message says why */
    public static CronTimes of(String text) {
        return new CronTimes(text, ExecutionTime.forCron(PARSER.parse(text)));
    }

    /** The first time after {@code from}; empty when there is none, as for 30 February. */
    public Optional<Instant> next(Instant from) {
        return times.nextExecution(utc(from)).map(ZonedDateTime::toInstant);
    }

    /** The last time up to {@code until}, itself included. */
    public Optional<Instant> last(Instant until) {
        return times.lastExecution(utc(until.plusMillis(1))).map(ZonedDateTime::toInstant);
    }

    /** As the document has it. */
    @Override
    public String toString() {
        return text;
    }

    private static ZonedDateTime utc(Instant at) {
        return at.atZone(ZoneOffset.UTC);
    }
}

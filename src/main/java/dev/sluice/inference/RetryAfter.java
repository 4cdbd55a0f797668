package dev.sluice.inference;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.function.UnaryOperator;

/** How long a server asked to wait. */
public final class RetryAfter {
    /** One day: whoever asks for more is asked again after a day. */
    private static final Duration WAIT_MAX = Duration.ofDays(1);

    private RetryAfter() {}

    /**
     * Reads {@code retry-after-ms} (milliseconds), else {@code Retry-After} (seconds, or a date as in RFC 9110).
     *
     * @param header value of a header by name, or null
     * @return zero to one day; zero when the endpoint said nothing that can be read
     */
    public static Duration of(UnaryOperator<String> header, Clock clock) {
        String millis = header.apply("retry-after-ms");
        if (millis != null && isNumber(millis)) return bounded(Double.parseDouble(millis.strip()));
        String after = header.apply("Retry-After");
        if (after == null) return Duration.ZERO;
        if (isNumber(after)) return bounded(Double.parseDouble(after.strip()) * 1000);
        try {
            ZonedDateTime date = ZonedDateTime.parse(after.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
            return bounded(Duration.between(clock.instant(), date.toInstant()).toMillis());
        } catch (DateTimeException notADate) {
            return Duration.ZERO;
        }
    }

    private static boolean isNumber(String text) {
        return text.strip().matches("\\d{1,12}(\\.\\d{1,6})?");
    }

    private static Duration bounded(double millis) {
        return Duration.ofMillis(Math.round(Math.clamp(millis, 0, WAIT_MAX.toMillis())));
    }
}

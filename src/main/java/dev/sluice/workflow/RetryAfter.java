package dev.sluice.workflow;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code Retry-After} (RFC 9110, 10.2.3): seconds, or a date in any of the three forms that a recipient has
 * to accept (5.6.7). Here, because all who call others read it, and because it is pure: text and a time in, a duration
 * out.
 */
public final class RetryAfter {
    /** One day: see {@link Problem#fromJson}. Whoever asks for more is asked again after a day. */
    public static final Duration MAX = Duration.ofDays(1);

    /** Fractions are no standard, but sent. 40 digits: no time has more. */
    private static final Pattern SECONDS = Pattern.compile("\\d{1,40}(?:\\.\\d{1,40})?");

    /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static final Pattern RFC_850 =
            Pattern.compile("[A-Z][a-z]+, (\\d\\d)-([A-Z][a-z]{2})-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d) GMT");

    /** {@code Sun Nov 6 08:49:37 1994}. */
    private static final Pattern ASCTIME =
            Pattern.compile("[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \\d]\\d) (\\d\\d):(\\d\\d):(\\d\\d) (\\d{4})");

    /** In English whatever language this process speaks. */
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private RetryAfter() {}

    /**
     * @param header null when there is none
     * @param at when the answer came
     * @return at most {@link #MAX}; zero when there is none, when it is past, or when it makes no sense
     */
    public static Duration read(String header, Instant at) {
        return parse(header, at).orElse(Duration.ZERO);
    }

    /** As {@link #read}, but empty when there is none or when it makes no sense. */
    public static Optional<Duration> parse(String header, Instant at) {
        if (header == null) return Optional.empty();
        String value = header.strip();
        try {
            if (SECONDS.matcher(value).matches()) return Optional.of(seconds(new BigDecimal(value)));
            return Optional.of(bounded(Duration.between(at, date(value, at))));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** The wait, or zero when it is negative, or {@link #MAX} when it is longer. */
    public static Duration bounded(Duration wait) {
        if (wait.isNegative()) return Duration.ZERO;
        return wait.compareTo(MAX) > 0 ? MAX : wait;
    }

    private static Duration seconds(BigDecimal seconds) {
        BigDecimal most = BigDecimal.valueOf(MAX.toSeconds());
        return Duration.ofMillis(seconds.min(most).movePointRight(3).longValue());
    }

    private static Instant date(String value, Instant at) {
        Matcher old = RFC_850.matcher(value);
        if (old.matches()) return rfc850(old, at);
        Matcher asctime = ASCTIME.matcher(value);
        if (asctime.matches()) {
            return instant(number(asctime, 6), asctime.group(1), number(asctime, 2), asctime, 3);
        }
        return ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    }

    /** Its year has two digits: more than 50 years ahead means the century before. */
    private static Instant rfc850(Matcher date, Instant at) {
        int now = at.atZone(ZoneOffset.UTC).getYear();
        int year = now - now % 100 + number(date, 3);
        int near = year > now + 50 ? year - 100 : year;
        return instant(near, date.group(2), number(date, 1), date, 4);
    }

    /** @param clock the group of the hour, before those of the minute and the second */
    private static Instant instant(int year, String month, int day, Matcher date, int clock) {
        int number = MONTHS.indexOf(month) + 1;
        return LocalDateTime.of(
                        year, number, day, number(date, clock), number(date, clock + 1), number(date, clock + 2))
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group).strip());
    }
}

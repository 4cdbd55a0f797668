package dev.sluice.inference;

import dev.sluice.workflow.RetryAfter;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long a server wants to be left alone: what it asked for when it refused, and what it says of its quotas with
 * every answer. Each provider of models has names and forms of its own; those of OpenAI, Azure, Groq, Cerebras,
 * OpenRouter, Together, Mistral, DigitalOcean, Anthropic, Gemini and of the IETF's draft are read. All waits are zero
 * to one day; what makes no sense is as if it were not there.
 */
final class Waits {
    /** What a server says of one quota. @param remaining negative when it is not told; @param reset when it is full. */
    private record Quota(Counts counts, double remaining, Optional<Duration> reset) {
        boolean usedUp() {
            return remaining == 0;
        }

        /**
         * A request counts for one, so that a rest of requests was enough; a rest of tokens may have been too small.
         */
        boolean mayHaveRefused() {
            return usedUp() || remaining < 0 || counts == Counts.TOKENS;
        }
    }

    private enum Counts {
        REQUESTS,
        TOKENS
    }

    private static final List<String> REQUESTS =
            List.of("", "requests", "requests-minute", "requests-hour", "requests-day", "requests-1h", "req-minute");
    private static final List<String> TOKENS = List.of(
            "tokens",
            "tokens-minute",
            "tokens-hour",
            "tokens-day",
            "tokens-1h",
            "tokens-per-minute",
            "tokens-per-day",
            "tokens_usage_based",
            "input-tokens",
            "output-tokens");

    /** {@code 1s}, {@code 6m0s}, {@code 250ms}, {@code 1h2m3.5s}: as Go writes durations, and days. */
    private static final Pattern DURATION = Pattern.compile("(?:\\d{1,12}(?:\\.\\d{1,12})?(?:d|h|ms|m|s|us|µs|ns))+");

    private static final Pattern PART = Pattern.compile("([\\d.]+)(d|h|ms|m|s|us|µs|ns)");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(?:\\.\\d{1,18})?");
    private static final Map<String, BigDecimal> NANOS = Map.of(
            "d",
            nanos(86_400e9),
            "h",
            nanos(3_600e9),
            "m",
            nanos(60e9),
            "s",
            nanos(1e9),
            "ms",
            nanos(1e6),
            "us",
            nanos(1e3),
            "µs",
            nanos(1e3),
            "ns",
            nanos(1));

    /** 1973 in epoch seconds, or three years to wait: a smaller number is a wait, a larger one a date. */
    private static final BigDecimal EPOCH_SECONDS_MIN = new BigDecimal("1e8");

    /** 1973 in epoch milliseconds, or the year 5138 in seconds. */
    private static final BigDecimal EPOCH_MILLIS_MIN = new BigDecimal("1e11");

    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern DRAFT_REMAINING = Pattern.compile("\\b(?:r|remaining)=(\\d{1,18})");
    private static final Pattern DRAFT_RESET = Pattern.compile("\\b(?:t|reset)=(\\d{1,18})");

    /** In Gemini's error of type {@code RetryInfo}. */
    private static final Pattern RETRY_DELAY = Pattern.compile("\"retryDelay\"\\s*:\\s*\"([\\d.]+s)\"");

    /** OpenAI: {@code Please try again in 6m0s.}; Azure: {@code Please retry after 8 seconds.} */
    private static final Pattern SAID = Pattern.compile(
            "(?i)(?:try again in|retry after)\\s+(?:((?:[\\d.]+(?:ms|[dhms]))+)\\b|([\\d.]+)\\s*(milli)?sec)");

    private Waits() {}

    /**
     * What a refusal asks for: {@code retry-after-ms}, else {@code Retry-After}, else the latest reset of the quotas
     * that may have been the reason.
     *
     * @param header value of a header by its name, whatever its case, or null
     */
    static Duration asked(UnaryOperator<String> header, Clock clock) {
        Instant now = clock.instant();
        return number(header.apply("retry-after-ms"))
                .map(Waits::ofMillis)
                .or(() -> until(header.apply("Retry-After"), now))
                .or(() -> latest(header, now, Quota::usedUp))
                .or(() -> latest(header, now, Quota::mayHaveRefused))
                .orElse(Duration.ZERO);
    }

    /**
     * The same, and where no header tells it, what the text of the refusal says.
     *
     * @param body of the response
     */
    static Duration asked(UnaryOperator<String> header, String body, Clock clock) {
        Duration asked = asked(header, clock);
        return asked.isZero() ? said(body) : asked;
    }

    /** When the quota is full again of which a success says that it was the last; empty when something is left. */
    static Optional<Duration> usedUp(UnaryOperator<String> header, Clock clock) {
        return latest(header, clock.instant(), Quota::usedUp);
    }

    private static Optional<Duration> latest(UnaryOperator<String> header, Instant now, Predicate<Quota> which) {
        return quotas(header, now)
                .filter(which)
                .flatMap(quota -> quota.reset().stream())
                .max(Comparator.naturalOrder());
    }

    private static Stream<Quota> quotas(UnaryOperator<String> header, Instant now) {
        List<Quota> quotas = new ArrayList<>();
        for (Counts counts : Counts.values()) {
            for (String of : counts == Counts.REQUESTS ? REQUESTS : TOKENS) {
                String end = of.isEmpty() ? "" : "-" + of;
                quotas.add(quota(counts, header, "x-ratelimit-remaining" + end, "x-ratelimit-reset" + end, now));
                quotas.add(quota(counts, header, "ratelimit-remaining" + end, "ratelimit-reset" + end, now));
                String start = "anthropic-ratelimit" + end;
                quotas.add(quota(counts, header, start + "-remaining", start + "-reset", now));
            }
        }
        return Stream.concat(quotas.stream(), draft(header.apply("ratelimit")));
    }

    private static Quota quota(
            Counts counts, UnaryOperator<String> header, String remaining, String reset, Instant now) {
        double left =
                number(header.apply(remaining)).map(BigDecimal::doubleValue).orElse(-1.0);
        return new Quota(counts, left, until(header.apply(reset), now));
    }

    /**
     * {@code "default";r=0;t=30, "day";r=9;t=3600}, or as older drafts have it {@code limit=9, remaining=0, reset=30}.
     */
    private static Stream<Quota> draft(String field) {
        if (field == null) return Stream.empty();
        String unquoted = QUOTED.matcher(field).replaceAll("");
        Stream<String> items = unquoted.contains("reset=") ? Stream.of(unquoted) : Stream.of(unquoted.split(","));
        return items.map(item -> {
            double left = found(DRAFT_REMAINING, item).map(Double::parseDouble).orElse(-1.0);
            Optional<Duration> reset = found(DRAFT_RESET, item).map(seconds -> ofSeconds(new BigDecimal(seconds)));
            return new Quota(Counts.REQUESTS, left, reset);
        });
    }

    private static Duration said(String body) {
        Optional<Duration> delay = found(RETRY_DELAY, body).flatMap(Waits::duration);
        if (delay.isPresent()) return delay.get();
        Matcher said = SAID.matcher(body);
        if (!said.find()) return Duration.ZERO;
        if (said.group(1) != null) return duration(said.group(1)).orElse(Duration.ZERO);
        return number(said.group(2))
                .map(number -> said.group(3) == null ? ofSeconds(number) : ofMillis(number))
                .orElse(Duration.ZERO);
    }

    private static Optional<String> found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Reads seconds, epoch seconds, epoch milliseconds, a duration, and a date of RFC 3339 or of HTTP. */
    private static Optional<Duration> until(String header, Instant now) {
        if (header == null) return Optional.empty();
        String value = header.strip();
        return number(value)
                .map(number -> ofNumber(number, now))
                .or(() -> duration(value))
                .or(() -> date(value, now))
                .or(() -> RetryAfter.parse(value, now));
    }

    private static Duration ofNumber(BigDecimal number, Instant now) {
        if (number.compareTo(EPOCH_SECONDS_MIN) < 0) return ofSeconds(number);
        boolean millis = number.compareTo(EPOCH_MILLIS_MIN) >= 0;
        long epochMillis = number.movePointRight(millis ? 0 : 3).longValue();
        return RetryAfter.bounded(Duration.ofMillis(epochMillis - now.toEpochMilli()));
    }

    private static Optional<Duration> date(String value, Instant now) {
        try {
            return Optional.of(RetryAfter.bounded(
                    Duration.between(now, OffsetDateTime.parse(value).toInstant())));
        } catch (DateTimeException | ArithmeticException notADate) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> duration(String value) {
        if (!DURATION.matcher(value).matches()) return Optional.empty();
        BigDecimal nanos = PART.matcher(value)
                .results()
                .map(part -> new BigDecimal(part.group(1)).multiply(NANOS.get(part.group(2))))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return Optional.of(ofSeconds(nanos.movePointLeft(9)));
    }

    private static Optional<BigDecimal> number(String value) {
        if (value == null || !NUMBER.matcher(value.strip()).matches()) return Optional.empty();
        return Optional.of(new BigDecimal(value.strip()));
    }

    private static Duration ofMillis(BigDecimal millis) {
        return ofSeconds(millis.movePointLeft(3));
    }

    private static Duration ofSeconds(BigDecimal seconds) {
        BigDecimal most = BigDecimal.valueOf(RetryAfter.MAX.toSeconds());
        return Duration.ofNanos(seconds.min(most).movePointRight(9).longValue());
    }

    private static BigDecimal nanos(double nanos) {
        return BigDecimal.valueOf((long) nanos);
    }
}

package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every form in which servers ask to be left alone. */
class WaitsTest {
    /** 1772366400 in epoch seconds. */
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

    private static UnaryOperator<String> headers(String lines) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line : lines.split("\\|")) {
            headers.put(line.substring(0, line.indexOf(':')).strip(), line.substring(line.indexOf(':') + 1));
        }
        return headers::get;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "Retry-After: 7; 7000",
                "Retry-After: 0.5; 500",
                "Retry-After: 99999999; 86400000",
                "Retry-After: soon; 0",
                "Retry-After: -1; 0",
                "Retry-After: Sun, 01 Mar 2026 12:00:30 GMT; 30000",
                "Retry-After: Sunday, 01-Mar-26 12:00:30 GMT; 30000",
                "Retry-After: Sun Mar  1 12:00:30 2026; 30000",
                "Retry-After: Sun, 01 Mar 2026 11:59:30 GMT; 0",
                "Retry-After: 1772366430; 30000",
                "Retry-After: 2m59.56s; 179560",
                "retry-after-ms: 1500; 1500",
                "retry-after-ms: 1500 | Retry-After: 2; 1500",
                "retry-after-ms: x | Retry-After: 2; 2000",
            })
    void aRefusalSaysWhenToComeAgain(String lines, long millis) {
        assertThat(Waits.asked(headers(lines), NOON)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1s; 1000",
                "6m0s; 360000",
                "250ms; 250",
                "1h2m3.5s; 3723500",
                "2d; 86400000",
                "12; 12000",
                "33011.38; 33011380",
                "1772366412; 12000",
                "1772366412250; 12250",
                "1772366300; 0",
                "2026-03-01T12:00:12Z; 12000",
                "2026-03-01T13:00:12+01:00; 12000",
                "2026-03-01T11:00:00Z; 0",
                "Sun, 01 Mar 2026 12:00:12 GMT; 12000",
                "1x; 0",
                "s; 0",
                "1..5s; 0",
                "99999999999999999999999; 86400000",
                "9999-12-31T23:59:59Z; 86400000",
                "+999999999-12-31T23:59:59Z; 86400000",
            })
    void aResetIsReadInAllItsForms(String value, long millis) {
        for (String name : new String[] {
            "x-ratelimit-reset",
            "x-ratelimit-reset-requests",
            "x-ratelimit-reset-tokens",
            "ratelimit-reset",
            "anthropic-ratelimit-requests-reset",
            "anthropic-ratelimit-output-tokens-reset"
        }) {
            assertThat(Waits.asked(headers(name + ":" + value), NOON)).as(name).isEqualTo(Duration.ofMillis(millis));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '~',
            value = {
                // A quota at zero is the reason, whatever the others say.
                "x-ratelimit-remaining-requests: 0 | x-ratelimit-reset-requests: 2s"
                        + " | x-ratelimit-remaining-tokens: 9 | x-ratelimit-reset-tokens: 60s# 2000",
                // None is at zero: it asked for more tokens than were left.
                "x-ratelimit-remaining-requests: 9 | x-ratelimit-reset-requests: 1h"
                        + " | x-ratelimit-remaining-tokens: 9 | x-ratelimit-reset-tokens: 60s# 60000",
                "ratelimit: \"default\";r=0;t=30# 30000",
                "RateLimit: \"day;t=9,\";r=4;t=3600, \"minute\";r=0;t=30# 30000",
                "ratelimit: limit=100, remaining=0, reset=5# 5000",
            })
    void aRefusalWithoutRetryAfterIsExplainedByItsQuotas(String lines, long millis) {
        assertThat(Waits.asked(headers(lines), NOON)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"error\":{\"details\":[{\"@type\":\"RetryInfo\",\"retryDelay\": \"34.5s\"}]}}; 34500",
                "Rate limit reached for gpt-5.4-mini. Please try again in 6m0s. Visit …; 360000",
                "Please try again in 87ms.; 87",
                "Please retry after 8 seconds.; 8000",
                "Try again in 250 milliseconds; 250",
                "Please try again in a while.; 0",
                "; 0"
            })
    void theTextOfARefusalIsReadWhereNoHeaderTellsIt(String body, long millis) {
        String text = body == null ? "" : body;
        assertThat(Waits.asked(name -> null, text, NOON)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Waits.asked(headers("Retry-After: 1"), text, NOON)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSuccessThatUsedTheLastRequestOrTokenSaysUntilWhen() {
        String rest = "x-ratelimit-remaining-requests: 0 | x-ratelimit-reset-requests: 2s";
        assertThat(Waits.usedUp(headers(rest), NOON)).contains(Duration.ofSeconds(2));
        String both = rest + " | x-ratelimit-remaining-tokens: 0 | x-ratelimit-reset-tokens: 6m0s";
        assertThat(Waits.usedUp(headers(both), NOON)).contains(Duration.ofMinutes(6));
        String anthropic =
                "anthropic-ratelimit-tokens-remaining: 0 | anthropic-ratelimit-tokens-reset: 2026-03-01T12:00:09Z";
        assertThat(Waits.usedUp(headers(anthropic), NOON)).contains(Duration.ofSeconds(9));
        assertThat(Waits.usedUp(headers("ratelimit: \"default\";r=0;t=30"), NOON))
                .contains(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "x-ratelimit-remaining-requests: 1 | x-ratelimit-reset-requests: 2s",
                "x-ratelimit-remaining-requests: 0",
                "x-ratelimit-remaining-requests: none | x-ratelimit-reset-requests: 2s",
                "x-ratelimit-reset-requests: 2s",
                "Retry-After: 5",
            })
    void aSuccessThatLeavesSomethingAsksForNothing(String lines) {
        assertThat(Waits.usedUp(headers(lines), NOON)).isEmpty();
    }

    @Test
    void nonsenseIsNeverMoreThanADayAndNeverThrows() {
        Random chance = new Random(6);
        String letters = "0123456789.:-+TZdhms \";=,r";
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = chance.nextInt(12); n >= 0; n--) text.append(letters.charAt(chance.nextInt(letters.length())));
            UnaryOperator<String> all = name -> text.toString();
            assertThat(Waits.asked(all, text.toString(), NOON))
                    .as(text.toString())
                    .isBetween(Duration.ZERO, Duration.ofDays(1));
            Waits.usedUp(all, NOON).ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, Duration.ofDays(1)));
        }
    }
}

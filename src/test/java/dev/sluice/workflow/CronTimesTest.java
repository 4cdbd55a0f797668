package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            * * * * *        | 2026-01-01T00:00:00Z | 2026-01-01T00:01:00Z
            */15 * * * *     | 2026-01-01T00:50:00Z | 2026-01-01T01:00:00Z
            0 6 * * 1-5      | 2026-01-02T06:00:00Z | 2026-01-05T06:00:00Z
            0 0 * * 0        | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
            0 0 * * 7        | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
            30 2 29 2 *      | 2026-01-01T00:00:00Z | 2028-02-29T02:30:00Z
            0 0 13 * 5       | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z
            0 0 1 JAN,JUL *  | 2026-01-02T00:00:00Z | 2026-07-01T00:00:00Z
            """)
    void aTimeIsTheFirstOneAfterwardsInUtc(String cron, Instant from, Instant next) {
        assertThat(CronTimes.of(cron).next(from)).contains(next);
    }

    @Test
    void theLastTimeIncludesTheMomentItself() {
        var hourly = CronTimes.of("0 * * * *");
        assertThat(hourly.last(Instant.parse("2026-01-01T05:00:00Z"))).contains(Instant.parse("2026-01-01T05:00:00Z"));
        assertThat(hourly.last(Instant.parse("2026-01-01T05:59:59Z"))).contains(Instant.parse("2026-01-01T05:00:00Z"));
    }

    @Test
    void aDayThatNeverComesIsNeverDue() {
        assertThat(CronTimes.of("0 0 30 2 *").next(Instant.parse("2026-01-01T00:00:00Z")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "* * * *", "* * * * * *", "61 * * * *", "* * * * 8", "every day", "5-1 * * * *"})
    void whatIsNoCronExpressionOfFiveFieldsIsRefused(String text) {
        assertThatThrownBy(() -> CronTimes.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}

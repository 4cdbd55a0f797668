package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.RealRedis;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClockCheckTest {
    private final RealRedis redis = RealRedis.empty();

    private CommonClock looked(Clock machine) {
        var clock = new CommonClock(machine);
        new ClockCheck(redis.link, clock).look();
        return clock;
    }

    @ParameterizedTest
    @CsvSource({"PT1H", "-PT1H", "PT-30S", "P365D"})
    void aClockThatIsFarOffGoesByThatOfRedis(Duration offset) {
        Clock right = Clock.systemUTC();
        var clock = looked(Clock.offset(right, offset));
        assertThat(Duration.between(right.instant(), clock.instant()).abs()).isLessThan(Duration.ofSeconds(1));
        assertThat(Math.abs(clock.millis() - right.millis())).isLessThan(1_000);
        assertThat(Duration.between(clock.withZone(ZoneOffset.MAX).instant(), clock.instant())
                        .abs())
                .isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aClockThatIsAboutRightStaysAsItIs() {
        assertThat(looked(Clock.systemUTC()).correction()).isZero();
        assertThat(looked(Clock.offset(Clock.systemUTC(), Duration.ofMillis(500)))
                        .correction())
                .isZero();
    }

    @Test
    void aDifferenceWithinTheTimeThatAskingTookProvesNothing() {
        var clock = new CommonClock(Clock.systemUTC());
        var check = new ClockCheck(redis.link, clock);
        check.take(Duration.ofSeconds(4), Duration.ofSeconds(5));
        assertThat(clock.correction()).isZero();
        check.take(Duration.ofSeconds(7), Duration.ofSeconds(5));
        assertThat(clock.correction()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aClockThatWasPutRightIsLeftAloneAgain() {
        var clock = new CommonClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        var check = new ClockCheck(redis.link, clock);
        check.take(Duration.ofHours(1), Duration.ZERO);
        assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plusSeconds(3_600));
        check.take(Duration.ofMillis(10), Duration.ZERO);
        assertThat(clock.instant()).isEqualTo(Instant.EPOCH);
    }
}

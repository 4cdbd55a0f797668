package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final DrainRate rate = new DrainRate();

    @Test
    void whatWasNeverSeenToDrainIsWaitedForTenSeconds() {
        rate.note(0, 100, 0);
        rate.note(2 * SECOND, 100, 0);
        assertThat(rate.waitFor(50)).isEqualTo(DrainRate.WAIT_UNKNOWN);
    }

    @Test
    void whatLeavesIsWhatCameLessWhatStays() {
        rate.note(0, 100, 0);
        rate.note(2 * SECOND, 90, 30);
        assertThat(rate.waitFor(100)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aFullQueueThatTakesAsMuchAsLeavesDrainsAtThatRate() {
        for (int second = 0; second <= 10; second++) rate.note(second * SECOND, 1_000, 50);
        assertThat(rate.waitFor(100)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void startsWithinASecondAreOneLook() {
        rate.note(0, 0, 0);
        for (int i = 1; i <= 9; i++) rate.note(i * SECOND / 10, i, 2);
        rate.note(SECOND, 10, 2);
        assertThat(rate.waitFor(20)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theWaitIsBetweenASecondAndAMinute() {
        rate.note(0, 1_000, 0);
        rate.note(SECOND, 900, 0);
        assertThat(rate.waitFor(1)).isEqualTo(DrainRate.WAIT_MIN);
        assertThat(rate.waitFor(1_000_000)).isEqualTo(DrainRate.WAIT_MAX);
    }

    @Test
    void whatWasSeenLongAgoIsForgotten() {
        rate.note(0, 1_000, 0);
        rate.note(SECOND, 900, 0);
        rate.note(200 * SECOND, 0, 0);
        assertThat(rate.waitFor(1)).isEqualTo(DrainRate.WAIT_UNKNOWN);
    }
}

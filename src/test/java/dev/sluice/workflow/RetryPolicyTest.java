package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private static final RetryPolicy POLICY = new RetryPolicy(7, Duration.ofSeconds(1), 2, Duration.ofSeconds(10));

    @Test
    void eachWaitIsLongerByTheFactorUpToTheGreatest() {
        var waits = IntStream.rangeClosed(1, 6)
                .mapToObj(attempt -> POLICY.waitAfter(attempt, Trial.passing()).toSeconds())
                .toList();
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
    }

    @Test
    void aLongerWaitThatTheOtherSideAskedForWins() {
        assertThat(POLICY.waitAfter(1, Trial.passingAfter(Duration.ofHours(1)))).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aShorterWaitThatTheOtherSideAskedForDoesNot() {
        assertThat(POLICY.waitAfter(3, Trial.passingAfter(Duration.ofMillis(10))))
                .isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void theWaitAfterAMillionAttemptsIsStillTheGreatest() {
        assertThat(POLICY.waitAfter(1_000_000, Trial.passing())).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void theLastAttemptIsNotTriedAgain() {
        assertThat(POLICY.allows(6, Trial.passing())).isTrue();
        assertThat(POLICY.allows(7, Trial.passing())).isFalse();
    }

    @Test
    void aProblemThatLastsIsNotTriedAgain() {
        assertThat(POLICY.allows(1, Trial.lasting())).isFalse();
    }

    @Test
    void attemptsMaxBelowOneIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, 1, Duration.ZERO))
                .hasMessage("attemptsMax must be >= 1, was 0");
    }

    @Test
    void aFactorThatIsNotANumberIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, Double.NaN, Duration.ZERO))
                .hasMessage("factor must be >= 1, was NaN");
    }
}

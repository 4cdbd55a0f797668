package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
    private static final RetryPolicy POLICY = new RetryPolicy(7, Duration.ofSeconds(1), 2, Duration.ofSeconds(10), 0);

    private static final Node.Limits NONE = new Node.Limits(
            OptionalInt.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Test
    void eachWaitIsLongerByTheFactorUpToTheGreatest() {
        var waits = IntStream.rangeClosed(1, 6)
                .mapToObj(attempt ->
                        POLICY.waitAfter(attempt, Trial.passing(), 0.5).toSeconds())
                .toList();
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
    }

    @Test
    void aLongerWaitThatTheOtherSideAskedForWins() {
        assertThat(POLICY.waitAfter(1, Trial.passingAfter(Duration.ofHours(1)), 0.5))
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aShorterWaitThatTheOtherSideAskedForDoesNot() {
        assertThat(POLICY.waitAfter(3, Trial.passingAfter(Duration.ofMillis(10)), 0.5))
                .isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void theWaitAfterAMillionAttemptsIsStillTheGreatest() {
        assertThat(POLICY.waitAfter(1_000_000, Trial.passing(), 0.5)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void theLastAttemptIsNotTriedAgain() {
        assertThat(POLICY.allows(6, Trial.passing(), NONE, 0)).isTrue();
        assertThat(POLICY.allows(7, Trial.passing(), NONE, 0)).isFalse();
    }

    @Test
    void aProblemThatLastsIsNotTriedAgain() {
        assertThat(POLICY.allows(1, Trial.lasting(), NONE, 0)).isFalse();
    }

    @Test
    void attemptsMaxBelowOneIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, 1, Duration.ZERO, 0))
                .hasMessage("attemptsMax must be >= 1, was 0");
    }

    @Test
    void aFactorThatIsNotANumberIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, Double.NaN, Duration.ZERO, 0))
                .hasMessage("factor must be >= 1, was NaN");
    }
}

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

    @ParameterizedTest
    @CsvSource({"0, 100000", "0.5, 110000", "0.999, 119980"})
    void aWaitThatWasAskedForIsMadeLongerByUpToTheJitterAndNeverShorter(double chance, long millis) {
        var policy = new RetryPolicy(7, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0.2);
        assertThat(policy.waitAfter(1, Trial.passingAfter(Duration.ofSeconds(100)), chance))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void whoIsToComeBackTomorrowComesWithinTheGreatestWaitOfThen() {
        var policy = new RetryPolicy(7, Duration.ofSeconds(1), 2, Duration.ofSeconds(60), 0.2);
        assertThat(policy.waitAfter(1, Trial.passingAfter(Duration.ofDays(1)), 0.5))
                .isEqualTo(Duration.ofDays(1).plusSeconds(30));
    }

    @Test
    void theWaitBeforeAnyAttemptHasCountedIsTheFirst() {
        assertThat(POLICY.waitAfter(0, Trial.passingAfter(Duration.ofMillis(1)), 0.5))
                .isEqualTo(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @CsvSource({"429, true, 3, true", "429, true, 0, false", "429, false, 3, false", "503, true, 3, false"})
    void whoIsToldToComeBackByTooManyRequestsHasMadeNoAttempt(int status, boolean again, int after, boolean wait) {
        Problem problem = Problem.of(Code.SL5004, "busy").status(status);
        if (again) problem = problem.retryAfter(Duration.ofSeconds(after));
        assertThat(RetryPolicy.isWait(new StepState.Attempts(1, Trial.T0, 0, 0), problem))
                .isEqualTo(wait);
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

package dev.sluice.workflow;

import static dev.sluice.workflow.Trial.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTest {

    @Test
    void aProblemIsTheSameAfterItWasWrittenAndRead() {
        Problem problem = Problem.of(Code.SL5004, "busy").retryAfter(Duration.ofMillis(1_500));
        assertThat(Problem.fromJson(problem.toJson())).isEqualTo(problem);
    }

    @Test
    void whatAForeignFunctionLeavesOutGetsPlainDefaults() {
        assertThat(Problem.fromJson(json("{}")))
                .isEqualTo(new Problem("about:blank", 500, "", "The function failed", "", "", false, Duration.ZERO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "'text'", "7", "{retryAfter: 'soon', status: {}, detail: null, title: []}"})
    void aForeignProblemOfAnyShapeCanBeRead(String problem) {
        assertThat(Problem.fromJson(json(problem)).retryAfter()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"99", "600", "-1", "200000"})
    void aStatusThatIsNoneBecomes500(String status) {
        assertThat(Problem.fromJson(json("{status: " + status + "}")).status()).isEqualTo(500);
    }

    @Test
    void aFunctionThatAsksForYearsIsAskedAgainAfterADay() {
        assertThat(Problem.fromJson(json("{retryAfter: 1e300}")).retryAfter()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void aFunctionThatClaimsACodeThatDoesNotExistFailedItsRunByADefect() {
        var claimed = Problem.fromJson(json("{type: '/v1/errors/SL0', code: 'SL0', status: 418}"));
        assertThat(claimed.raisedAt("/do/0/x").type()).isEqualTo("/v1/errors/SL0");
        assertThat(claimed.raisedAt("/do/0/x").status()).isEqualTo(418);
    }

    @Test
    void aNegativeWaitIsNone() {
        assertThat(Problem.fromJson(json("{retryAfter: -5}")).retryAfter()).isZero();
    }

    @Test
    void usageIsNeverNegative() {
        assertThatThrownBy(() -> new Usage(0, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSumOfUsagesBeyondAllBoundsStaysAtTheBound() {
        var usage = new Usage(Long.MAX_VALUE, 1, 2).plus(new Usage(1, 1, Long.MAX_VALUE));
        assertThat(usage).isEqualTo(new Usage(Long.MAX_VALUE, 2, Long.MAX_VALUE));
    }
}

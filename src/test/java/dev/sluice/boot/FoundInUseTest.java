package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class FoundInUseTest {
    @Test
    void aCallOfAFunctionThatIsNowhereSpokeOfEvents() {
        var problem = FrontDoor.noFunction("clasify", Set.of("orchestrate", "http", "classify"));
        assertThat(problem.oneLine())
                .contains("no function 'clasify'", "classify, http.", "sluice.dispatch.functions.clasify.url")
                .doesNotContain("orchestrate", "event");
        assertThat(problem.retryable()).isFalse();
    }

    @Test
    void curlCouldNotStartARunWithoutSayingThatItSendsJson() {
        assertThat(FrontDoor.isCommand("/v1/workflows/letter/runs")).isTrue();
        assertThat(FrontDoor.isCommand("/v1/runs/r-1/cancel")).isTrue();
        assertThat(FrontDoor.isCommand("/v1/approvals/x")).isFalse();
    }
}

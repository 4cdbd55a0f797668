package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartFailureTest {
    @TempDir
    Path data;

    @Test
    void aProblemDeepInsideIsWhatIsShown() {
        Problem problem = Problem.of(Code.SL1004, "maxmemory-policy is allkeys-lru");
        Throwable failure = new RuntimeException("start", new IllegalStateException(problem.asException()));
        assertThat(of(failure)).isEqualTo(problem);
    }

    @Test
    void aPortLostAfterTheCheckIsStillPortTaken() {
        assertThat(of(new RuntimeException(new BindException("Address already in use")))
                        .code())
                .isEqualTo("SL1001");
    }

    @Test
    void aSettingThatQuarkusRefusesIsOneLine() {
        Problem shown = of(new RuntimeException(new ConfigurationException("a is wrong\n  b is wrong")));
        assertThat(shown.oneLine()).isEqualTo("SL1007 Configuration not valid: a is wrong; b is wrong");
    }

    @Test
    void aRedisThatDoesNotAnswerIsNamedWithoutItsPassword() {
        assertThat(of(new RuntimeException(new ConnectException("refused"))).oneLine())
                .startsWith("SL1005 Redis not reachable: redis://…@redis:6379 does not answer (refused).");
    }

    @Test
    void whatNobodyForesawLeavesItsStackTraceInAFile() {
        Problem shown = of(new IllegalStateException("odd"));
        assertThat(shown.oneLine())
                .startsWith("SL9001 Defect in Sluice: the start failed: IllegalStateException: odd.");
        assertThat(data.resolve("start-failure.txt")).content().contains("whatNobodyForesaw");
    }

    private Problem of(Throwable failure) {
        return StartFailure.of(
                failure,
                new StartSettings(
                        data,
                        new HttpPort("127.0.0.1", 8080),
                        true,
                        Optional.of("redis://:secret@redis:6379"),
                        false,
                        "everysec",
                        "offline",
                        Optional.empty()),
                data);
    }
}

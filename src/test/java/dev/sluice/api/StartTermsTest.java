package dev.sluice.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.RealStore;
import dev.sluice.workflow.Priority;
import dev.sluice.workflow.Service;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartTermsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void nothingIsUpToTheWorkflow() {
        assertThat(StartTerms.NONE.asked(NOW)).isEqualTo(Service.Asked.NOTHING);
    }

    @Test
    void tenantPriorityAndDelayAreTaken() {
        var asked = new StartTerms("acme-1", "high", "PT90S", "").asked(NOW);
        assertThat(asked.tenant()).contains("acme-1");
        assertThat(asked.priority()).contains(Priority.HIGH);
        assertThat(asked.startsAt()).contains(NOW.plusSeconds(90));
    }

    @Test
    void aTimeOfAnyOffsetIsTheSameMoment() {
        var asked = new StartTerms("", "", "", "2026-01-01T02:00:00+01:00").asked(NOW);
        assertThat(asked.startsAt()).contains(NOW.plusSeconds(3_600));
    }

    @Test
    void aTimeThatHasPassedIsNow() {
        assertThat(new StartTerms("", "", "", "2025-01-01T00:00:00Z").asked(NOW).startsAt())
                .isEmpty();
        assertThat(new StartTerms("", "", "PT0S", "").asked(NOW).startsAt()).isEmpty();
    }

    @Test
    void aLineSaysOtherThanItsRequestAndOneKindOfTimeReplacesTheOther() {
        var all = new StartTerms("acme", "low", "PT1H", "");
        assertThat(new StartTerms("", "high", "", "2026-02-01T00:00:00Z").or(all))
                .isEqualTo(new StartTerms("acme", "high", "", "2026-02-01T00:00:00Z"));
        assertThat(StartTerms.NONE.or(all)).isEqualTo(all);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a b||||tenant must be 1 to 64",
                "|urgent|||priority must be high, normal or low",
                "||soon||delay must be an ISO 8601 duration",
                "||-PT1S||delay must be an ISO 8601 duration",
                "||PT9999H||at most 366 days",
                "||P9999999999999D||at most 366 days",
                "||P99999999999999999999D||delay must be",
                "|||tomorrow|startAt must be an ISO 8601 time",
                "|||2026-01-01T00:00:00|startAt must be an ISO 8601 time",
                "||PT1S|2026-02-01T00:00:00Z|either delay or startAt",
                "|||+999999999-12-31T23:59:59Z|at most 366 days"
            })
    void whatCannotBeReadIsRefused(String tenant, String priority, String delay, String startAt, String reason) {
        assertThatThrownBy(() -> new StartTerms(text(tenant), text(priority), text(delay), text(startAt)).asked(NOW))
                .hasMessageContaining("SL2014")
                .hasMessageContaining(reason);
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    @ParameterizedTest
    @CsvSource({
        "'{sluicetenant: \"a b\"}',sluicetenant must be",
        "'{sluicepriority: \"urgent\"}',sluicepriority must be"
    })
    void anEventsAttributesAreCheckedAsWell(String envelope, String reason) {
        assertThatThrownBy(() -> StartTerms.check(RealStore.json(envelope)))
                .hasMessageContaining("SL2007")
                .hasMessageContaining(reason);
    }
}

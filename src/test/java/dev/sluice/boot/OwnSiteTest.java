package dev.sluice.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnSiteTest {
    private static final OwnSite LAPTOP = OwnSite.at("127.0.0.1", Set.of());
    private static final OwnSite CLUSTER = OwnSite.at("0.0.0.0", Set.of());

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080", "sluice.localhost:8080"})
    void aLaptopIsReadByItsOwnNames(String host) {
        assertThat(LAPTOP.refusal("GET", host, null, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "", "a b", "127.1"})
    void aPageWhoseNameWasMadeToLeadHereReadsNothing(String host) {
        assertThat(LAPTOP.refusal("GET", host, null, "same-origin"))
                .get()
                .asString()
                .contains("sluice.hosts");
    }

    @Test
    void aPageOfAnotherSiteStartedRunsOnALaptop() {
        String origin = "https://evil.example";
        assertThat(LAPTOP.refusal("POST", "127.0.0.1:8080", origin, "cross-site"))
                .isPresent();
        assertThat(LAPTOP.refusal("POST", "127.0.0.1:8080", origin, null)).isPresent();
        assertThat(LAPTOP.refusal("POST", "127.0.0.1:8080", "null", null)).isPresent();
        assertThat(LAPTOP.refusal("POST", "127.0.0.1:8080", null, "cross-site")).isPresent();
    }

    @Test
    void anotherProgramsPageOnTheSameMachineIsAnotherSite() {
        assertThat(LAPTOP.refusal("POST", "localhost:8080", "http://localhost:3000", "same-site"))
                .isPresent();
        assertThat(LAPTOP.refusal("POST", "localhost:8080", "http://localhost:3000", null))
                .isPresent();
    }

    @Test
    void theDashboardStartsRuns() {
        assertThat(LAPTOP.refusal("POST", "localhost:8080", "http://localhost:8080", "same-origin"))
                .isEmpty();
        assertThat(LAPTOP.refusal("POST", "localhost:8080", "http://localhost:8080", null))
                .isEmpty();
    }

    @Test
    void aProgramThatIsNoBrowserIsNotAskedWhereItComesFrom() {
        assertThat(LAPTOP.refusal("POST", "127.0.0.1:8080", null, null)).isEmpty();
        assertThat(LAPTOP.refusal("POST", null, null, null)).isEmpty();
    }

    @Test
    void inAClusterAnyNameLeadsHereAndForeignPagesStillStartNothing() {
        assertThat(CLUSTER.refusal("POST", "extract.default.svc.cluster.local", null, null))
                .isEmpty();
        assertThat(CLUSTER.refusal("POST", "sluice.example.org", "https://evil.example", "cross-site"))
                .isPresent();
    }

    @Test
    void aNameThatTheOperatorGaveIsOurs() {
        OwnSite behindProxy = OwnSite.at("localhost", Set.of("sluice.example.org"));
        assertThat(behindProxy.refusal("GET", "sluice.example.org", null, null)).isEmpty();
        assertThat(behindProxy.refusal("POST", "localhost:8080", "https://sluice.example.org", "cross-site"))
                .isEmpty();
    }
}

package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.inference.Account.Scope;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountWordsTest {
    private static final Account ACCOUNT = new Account(
            "acme",
            "default.Rechnungen prüfen",
            "default.local.0-01m8pvf58am04e6ashnvym7s2y",
            "/do/0/für alle#7 + 1%",
            3,
            "default.local.1-01m8pvf58am04e6ashnvym7s2y",
            Map.of(Scope.RUN, 50_000L, Scope.STEP, 10_000L, Scope.WORKFLOW_DAY, 20_000_000L),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    @Test
    void anAccountComesThroughHeadersAsItWas() {
        Map<String, String> headers = AccountWords.headers(ACCOUNT);
        assertThat(headers.values()).allMatch(value -> value.chars().allMatch(c -> c > ' ' && c < 127));
        assertThat(AccountWords.ofHeaders(headers::get)).isEqualTo(ACCOUNT);
    }

    @Test
    void nobodyHasNoHeaders() {
        assertThat(AccountWords.headers(Account.NOBODY)).isEmpty();
        assertThat(AccountWords.ofHeaders(name -> null)).isEqualTo(Account.NOBODY);
    }

    @Test
    void theExtensionsOfAStepSayOnWhoseBehalfItIs() {
        Account account = Account.of(Map.of(
                "sluicetenant", "acme",
                "sluiceworkflow", "default.invoices",
                "sluicerun", "r",
                "sluicestep", "/do/0/a",
                "sluiceattempt", "2",
                "sluicebudget", "{\"run\":50000,\"step\":10000}",
                "traceparent", "00-t"));
        assertThat(account)
                .isEqualTo(new Account(
                        "acme",
                        "default.invoices",
                        "r",
                        "/do/0/a",
                        2,
                        "",
                        Map.of(Scope.RUN, 50_000L, Scope.STEP, 10_000L),
                        "00-t"));
    }

    @Test
    void whatCannotBeReadIsRefused() {
        assertThatThrownBy(() -> AccountWords.ofHeaders(Map.of("Sluice-budget", "{")::get))
                .hasMessageContaining("Sluice-Budget");
        assertThatThrownBy(() -> AccountWords.ofHeaders(Map.of("Sluice-step", "%zz")::get))
                .hasMessageContaining("percent-encoded");
        assertThatThrownBy(() -> AccountWords.ofHeaders(Map.of("Sluice-tenant", "x".repeat(9_000))::get))
                .hasMessageContaining("8192 characters");
    }
}

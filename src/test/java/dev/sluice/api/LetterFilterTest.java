package dev.sluice.api;

import static dev.sluice.queue.RealRedis.T0;
import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.Clearing.Action;
import dev.sluice.store.Clearing.Plan;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which dead letters a filter means, and what a request about them must say. */
class LetterFilterTest {
    private static final String REASON = ", \"reason\": \"too old\"";

    private static Plan plan(Action action, String filter) {
        String rest = action == Action.DROP ? REASON : "";
        return LetterFilter.plan(action, bytes("{\"filter\": " + filter + rest + "}"), T0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kind", "workflow", "function", "code", "tenant", "from", "until"})
    void anEmptyMemberDoesNotMeanEveryLetter(String name) {
        for (String empty : List.of("", " ")) {
            assertThatThrownBy(() -> LetterFilter.query(json("{" + name + ": '" + empty + "'}")))
                    .hasMessageContaining("SL2014")
                    .hasMessageContaining("'" + name + "' is empty");
        }
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void manyAreClearedOnlyWhereTheFilterSaysWhich(Action action) {
        for (String filter : List.of("{}", "{\"tenant\": \"\"}", "{\"code\": \"SL4012\", \"tenant\": \"\"}")) {
            assertThatThrownBy(() -> plan(action, filter)).as(filter).hasMessageContaining("SL2014");
        }
        assertThat(plan(action, "{\"tenant\": \"acme\"}").query().tenant()).isEqualTo("acme");
    }

    @Test
    void aTenantThatNoRunCanHaveIsRefused() {
        for (String tenant : List.of("a b", "a/b", "t".repeat(65))) {
            assertThatThrownBy(() -> LetterFilter.query(json("{tenant: '" + tenant + "'}")))
                    .hasMessageContaining("SL2014")
                    .hasMessageContaining(tenant);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "true", "null", "[\"too old\"]", "{}", "\"\"", "\" \""})
    void aReasonMustBeAText(String reason) {
        String body = "{\"reason\": " + reason + "}";
        assertThatThrownBy(() -> LetterFilter.reason(bytes(body))).hasMessageContaining("SL2014");
        String many = "{\"filter\": {\"code\": \"SL4012\"}, \"reason\": " + reason + "}";
        assertThatThrownBy(() -> LetterFilter.plan(Action.DROP, bytes(many), T0))
                .hasMessageContaining("SL2014");
        assertThat(LetterFilter.reason(bytes("{\"reason\": \" too old \"}"))).isEqualTo("too old");
    }

    @Test
    void countsTakeNoParameters() {
        assertThatThrownBy(() -> LetterFilter.refuseAll(Set.of("tenant")))
                .hasMessageContaining("SL2014")
                .hasMessageContaining("'tenant'");
    }
}

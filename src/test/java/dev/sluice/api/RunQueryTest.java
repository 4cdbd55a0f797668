package dev.sluice.api;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.workflow.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which runs a filter means, and what a bulk request must say. */
class RunQueryTest {
    private static boolean matches(String filter) {
        return RunQuery.of(json(filter))
                .matches(Story.begun("do: [ { x: { call: f } } ]").head());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{workflow: 'w'}",
                "{workflow: 'test.w'}",
                "{namespace: 'test'}",
                "{status: 'running'}",
                "{status: ['failed', 'running']}",
                "{q: 'r'}"
            })
    void aFilterThatFitsMeansTheRun(String filter) {
        assertThat(matches(filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{workflow: 'other'}",
                "{workflow: 'other.w'}",
                "{namespace: 'other', workflow: 'w'}",
                "{status: 'failed'}",
                "{attribute: 'a:b'}",
                "{parent: 'p'}",
                "{origin: 'o'}",
                "{q: 'zzz'}"
            })
    void aFilterThatDoesNotFitMeansAnother(String filter) {
        assertThat(matches(filter)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "'running'", "{state: 'failed'}", "{attribute: 'x'}", "{status: 'done'}"})
    void aFilterThatWouldMeanMoreThanItsAuthorIsRefused(String filter) {
        assertThatThrownBy(() -> RunQuery.of(json(filter)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("SL2014");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"workflow", "namespace", "status", "q", "attribute", "parent", "origin", "tenant", "priority"})
    void anEmptyMemberDoesNotMeanEveryRun(String name) {
        for (String empty : List.of("''", "' '", "null", "{}", "[]", "['']", "['', '']")) {
            assertThatThrownBy(() -> RunQuery.of(json("{" + name + ": " + empty + "}")))
                    .as(empty)
                    .hasMessageContaining("SL2014")
                    .hasMessageContaining("'" + name + "'");
        }
        assertThatThrownBy(() -> RunQuery.refuseEmpty(Map.of(name, List.of("a", ""))))
                .hasMessageContaining("SL2014")
                .hasMessageContaining("'" + name + "' is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "failed,", ",failed"})
    void anEmptyWordAmongStatusesIsRefused(String words) {
        assertThatThrownBy(() -> RunsResource.statuses(words)).hasMessageContaining("SL2014");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"action\": \"explode\", \"ids\": []}",
                "{\"action\": \"signal\", \"ids\": []}",
                "{\"action\": \"kill\"}",
                "{\"action\": \"kill\", \"ids\": [], \"filter\": {\"q\": \"a\"}}",
                "{\"action\": \"reset\", \"ids\": []}",
                "{\"action\": \"move\", \"ids\": []}",
                "{\"action\": \"kill\", \"ids\": [], \"reasons\": \"\"}",
                "{\"action\": \"kill\", \"ids\": [], \"reason\": 7}"
            })
    void aBulkRequestThatDoesNotSayWhatIsDoneWithWhichRunsIsRefused(String body) {
        assertThatThrownBy(() -> Bulk.read(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("SL2014");
    }

    @Test
    void moreRunsThanOneRequestMayHaveAreRefused() {
        String ids = "\"a\"" + ", \"a\"".repeat(Bulk.RUNS_MAX);
        String body = "{\"action\": \"kill\", \"ids\": [" + ids + "]}";
        assertThatThrownBy(() -> Bulk.read(body.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("10000")
                .hasMessageContaining("10001");
    }
}

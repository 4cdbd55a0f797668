package dev.sluice.store;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Event;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Usage;
import dev.sluice.workflow.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final String SECRET = "a \"b\"/+c";

    @ParameterizedTest
    @ValueSource(strings = {SECRET, "a \\\"b\\\"/+c", "a+%22b%22%2F%2Bc", "a%20%22b%22%2F%2Bc", "YSAiYiIvK2M="})
    void theTextIsTakenOutInEveryFormThatACallGivesIt(String form) {
        assertThat(Redaction.of(List.of(SECRET)).text("before " + form + " after"))
                .isEqualTo("before *** after");
    }

    @Test
    void aTreeIsCleanedInNamesTextsAndNumbers() {
        var redaction = Redaction.of(List.of("hunter2", "12345"));
        assertThat(redaction.tree(json("{a: ['x hunter2', {hunter2: true}], b: 12345, c: 1, d: null}")))
                .isEqualTo(json("{a: ['x ***', {'***': true}], b: '***', c: 1, d: null}"));
    }

    @Test
    void ofTwoSecretsOneOfWhichBeginsTheOtherNoneLeavesARest() {
        assertThat(Redaction.of(List.of("secret", "secret-long")).text("secret-long secret"))
                .isEqualTo("*** ***");
    }

    @Test
    void aTextOfThreeCharactersIsNoSecret() {
        assertThat(Redaction.of(List.of("", "abc"))).isSameAs(Redaction.NONE);
    }

    @Test
    void withoutSecretsTheEventIsTheSameObject() {
        var event = new Event.StepSucceeded("/do/0/x", 1, Value.of(json("'x'")), Usage.NONE, AT, AT);
        assertThat(Redaction.NONE.event(event)).isSameAs(event);
    }

    @Test
    void aProblemKeepsEverythingElse() {
        var problem =
                Problem.of(Code.SL4012, "no access with hunter2").status(401).retryAfter(Duration.ofSeconds(7));
        var event = new Event.StepFailed("/do/0/x", 1, problem, new Usage(1, 2, 3), AT, AT);
        var expected = Problem.of(Code.SL4012, "no access with ***").status(401).retryAfter(Duration.ofSeconds(7));
        assertThat(Redaction.of(List.of("hunter2")).event(event))
                .isEqualTo(new Event.StepFailed("/do/0/x", 1, expected, new Usage(1, 2, 3), AT, AT));
    }
}

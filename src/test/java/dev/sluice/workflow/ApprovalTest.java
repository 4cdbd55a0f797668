package dev.sluice.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Questions to persons, as the machine asks them. */
class ApprovalTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final String ASK = "/do/0/ask";

    private static Definition definition(String to) {
        return new DefinitionReader().read("""
                document: { dsl: '1.0.1', namespace: test, name: w, version: '1.0.0' }
                do:
                  - ask:
                      timeout: { after: PT1H }
                      metadata: { approval: { sum: '${ .sum }' } }
                      listen: { to: %s }
                """.formatted(to));
    }

    private final Machine machine = new Machine(RetryPolicy.DEFAULT, Secrets.NONE);
    private final Definition definition = definition("{ one: { with: { type: answer } } }");

    private Transition begin(Definition of) {
        Run run = Machine.accept(of, "r", json("{\"sum\": 9}"), Optional.empty(), T0);
        return machine.advance(of, run, new Event.RunStarted(T0));
    }

    private static List<ObjectNode> emitted(Transition t) {
        return t.effects().stream()
                .filter(Effect.EmitEvent.class::isInstance)
                .map(effect -> ((Effect.EmitEvent) effect).event())
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theEventThatAsksSaysWhatAndUntilWhen() {
        ObjectNode event = emitted(begin(definition)).getFirst();
        assertThat(event.path("type").asText()).isEqualTo(Approval.REQUESTED);
        assertThat(Approval.of("r", event))
                .contains(new Approval(
                        "r", "w", ASK, "answer", Optional.of(T0.plusSeconds(3_600)), json("{\"sum\": 9}")));
    }

    @Test
    void aStepThatTakesAnyEventIsAnsweredByAnEventOfATypeOfItsOwn() {
        ObjectNode event = emitted(begin(definition("{ any: [] }"))).getFirst();
        assertThat(event.at("/data/answerType").asText()).isEqualTo("dev.sluice.approval.answered.v1");
    }

    @Test
    void whatMakesARunWakeAnewAsksByTheSameEvent() {
        Transition first = begin(definition);
        Transition again = machine.advance(definition, first.run(), new Event.RearmRequested(T0.plusSeconds(5)));
        assertThat(emitted(again)).hasSize(1);
        assertThat(emitted(again).getFirst().path("id"))
                .isEqualTo(emitted(first).getFirst().path("id"));
        assertThat(emitted(again).getFirst().path("data"))
                .isEqualTo(emitted(first).getFirst().path("data"));
        assertThat(again.run().steps()).isEqualTo(first.run().steps());
    }

    @Test
    void anEventThatAnotherRunWroteToLookTheSameIsNoQuestion() {
        ObjectNode event = emitted(begin(definition)).getFirst();
        assertThat(Approval.of("other", event)).isEmpty();
        assertThat(Approval.of("r", event.deepCopy().put("id", "r:/do/1/x"))).isEmpty();
        assertThat(Approval.of("r", event.deepCopy().put("type", "x"))).isEmpty();
    }
}

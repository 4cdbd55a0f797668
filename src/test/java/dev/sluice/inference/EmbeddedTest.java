package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Models} makes of the answers of a gateway that says what a test tells it. */
class EmbeddedTest {
    private static final Account ACCOUNT = Account.of(java.util.Map.of("sluicerun", "r-1", "sluicestep", "/do/0/e"));

    private final List<ModelCall> calls = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();

    private Models answering(String... bodies) {
        return new Models(new Gateway() {
            @Override
            public Completion complete(ModelCall call, Sink sink) {
                calls.add(call);
                JsonNode body = Texts.json(bodies[Math.min(calls.size(), bodies.length) - 1]);
                return new Completion(
                        body, "a", "m", new Usage(10, 0, 3), Completion.Source.BOUGHT, Optional.of("large"));
            }

            @Override
            public void forget(Account account, List<String> keys) {
                forgotten.addAll(keys);
            }

            @Override
            public List<String> aliases() {
                return List.of();
            }

            @Override
            public void start() {}

            @Override
            public void stop() {}
        });
    }

    @Test
    void vectorsComeInTheOrderOfTheTexts() {
        Embedded embedded = answering(
                        "{'data': [{'index': 1, 'embedding': [3, 4]}, {'index': 0, 'embedding': [1, 2.5]}]}")
                .embed("vectors", List.of("one", "two"), ACCOUNT);
        assertThat(embedded.vectors()).isEqualTo(Texts.json("[[1, 2.5], [3, 4]]"));
        assertThat(embedded.usage()).isEqualTo(new Usage(10, 0, 3));
        assertThat(calls.getFirst().operation()).isEqualTo(Operation.EMBEDDINGS);
        assertThat(calls.getFirst().request()).isEqualTo(Texts.json("{'input': ['one', 'two']}"));
        assertThat(calls.getFirst().key()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'data': [{'embedding': [1]}]}",
                "{'data': [{'index': 0, 'embedding': [1]}, {'index': 0, 'embedding': [1]}]}",
                "{'data': [{'index': 0, 'embedding': [1]}, {'index': 2, 'embedding': [1]}]}",
                "{'data': [{'embedding': [1]}, {'embedding': 'AAAA'}]}",
                "{'data': [{'embedding': [1]}, {'embedding': []}]}",
                "{'data': [{'embedding': [1]}, {'embedding': [1]}, {'embedding': [1]}]}"
            })
    void anAnswerWithoutOneVectorForEachTextIsPaidAndNotUsedAgain(String body) {
        ProblemException failed = catchThrowableOfType(
                ProblemException.class, () -> answering(body).embed("", List.of("one", "two"), ACCOUNT));
        assertThat(failed.problem().code()).isEqualTo("SL5003");
        assertThat(failed.usage().costMicros()).isEqualTo(3);
        assertThat(forgotten).containsExactly(calls.getFirst().key());
    }

    @Test
    void aConversationWithImagesClimbsTheLadderToo() {
        var request = JsonNodeFactory.instance.objectNode();
        request.set("messages", Texts.json("[{'role': 'user', 'content': [{'type': 'text', 'text': 'What is it?'}]}]"));
        JsonNode schema = Texts.json("{'type': 'object', 'required': ['label'], 'properties': {'label': {}}}");
        String wrong = "{'choices': [{'message': {'content': '{}'}, 'finish_reason': 'stop'}]}";
        String right = "{'choices': [{'message': {'content': '{\\'label\\': 1}'}, 'finish_reason': 'stop'}]}"
                .replace("\\'", "\\\"");
        Answer answer = answering(wrong, wrong, right).ask(new Chat("", request, ACCOUNT), "kind", schema);
        assertThat(answer.value()).isEqualTo(Texts.json("{'label': 1}"));
        assertThat(calls).extracting(ModelCall::rung).containsExactly("asked", "corrected", "escalated");
        assertThat(calls).extracting(ModelCall::alias).containsExactly("", "", "large");
        assertThat(calls.get(1).request().path("messages")).hasSize(3);
        assertThat(calls.getFirst()
                        .request()
                        .at("/response_format/json_schema/name")
                        .asText())
                .isEqualTo("kind");
        assertThat(request.has("response_format")).isFalse();
        assertThat(answer.usage().costMicros()).isEqualTo(9);
    }
}

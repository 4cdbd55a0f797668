package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.inference.Embedded;
import dev.sluice.workflow.Problem;
import io.quarkus.funqy.knative.events.CloudEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedTest {
    private final List<String> asked = new ArrayList<>();

    private CloudEvent<JsonNode> embed(String input) {
        var function = new Embed(Events.CONTRACT, (model, texts, account) -> {
            asked.add(model + " " + texts + " " + account.run());
            return new Embedded((ArrayNode) json("[[1, 2]]"), Events.USAGE, "test", "test-model");
        });
        return Events.answer(function.embed(Events.request(input.replace('\'', '"'))));
    }

    @Test
    void aTextOrAListOfTextsBecomesVectors() {
        CloudEvent<JsonNode> answer = embed("{'input': 'a', 'model': 'small'}");
        assertThat(answer.data()).isEqualTo(json("{'vectors': [[1, 2]], 'model': 'test-model', 'endpoint': 'test'}"));
        assertThat(answer.extensions()).containsEntry("sluicetokensin", "120");
        embed("{'input': ['a', 'b']}");
        assertThat(asked).containsExactly("small [a] r-42", " [a, b] r-42");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{'input': ' '}", "{'input': []}", "{'input': ['a', '']}", "{'input': 'a', 'texts': []}"})
    void whatHasNoVectorIsRefusedBeforeAnythingIsPaid(String input) {
        assertThat(Problem.fromJson(embed(input).data()).code()).isEqualTo("SL4008");
        String many = "{'input': [" + "'a',".repeat(256) + "'a']}";
        assertThat(Problem.fromJson(embed(many).data()).detail()).contains("an array of 1 to 256 texts");
        assertThat(asked).isEmpty();
    }
}

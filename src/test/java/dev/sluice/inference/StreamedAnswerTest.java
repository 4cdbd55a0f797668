package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamedAnswerTest {
    private static JsonNode together(List<String> chunks) {
        var answer = new StreamedAnswer();
        chunks.forEach(chunk -> answer.add(Texts.json(chunk)));
        assertThat(answer.isWhole()).isTrue();
        // Numbers as they are read: 7 is an int then.
        return Texts.json(answer.whole().toString());
    }

    @Test
    void chunksArePutTogetherIntoTheAnswerThatWouldHaveComeWhole() {
        JsonNode whole = together(List.of(
                "{'id': 'c1', 'created': 7, 'model': 'm', 'choices': [{'index': 0, 'delta': {'role': 'assistant'}}]}",
                "{'choices': [{'index': 0, 'delta': {'content': 'Good '}}], 'usage': null}",
                "{'choices': [{'index': 0, 'delta': {'content': 'day'}}]}",
                "{'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'stop'}]}",
                "{'choices': [], 'usage': {'prompt_tokens': 3, 'completion_tokens': 2}}"));
        assertThat(whole)
                .isEqualTo(Texts.json("{'id': 'c1', 'object': 'chat.completion', 'created': 7, 'model': 'm',"
                        + " 'choices': [{'index': 0, 'message': {'role': 'assistant', 'content': 'Good day'},"
                        + " 'finish_reason': 'stop'}], 'usage': {'prompt_tokens': 3, 'completion_tokens': 2}}"));
    }

    @Test
    void argumentsOfToolsThatAreCalledInParallelAreKeptApart() {
        JsonNode whole = together(List.of(
                "{'choices': [{'index': 0, 'delta': {'tool_calls': [{'index': 0, 'id': 'a', 'type': 'function',"
                        + " 'function': {'name': 'search', 'arguments': '{\\'q\\':'}}]}}]}",
                "{'choices': [{'index': 0, 'delta': {'tool_calls': [{'index': 1, 'id': 'b', 'type': 'function',"
                        + " 'function': {'name': 'fetch', 'arguments': '{}'}}]}}]}",
                "{'choices': [{'index': 0, 'delta': {'tool_calls': [{'index': 0, 'function': {'arguments': '1}'}}]}}]}",
                "{'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'tool_calls'}]}"));
        JsonNode calls = whole.at("/choices/0/message/tool_calls");
        assertThat(calls).hasSize(2);
        assertThat(calls.at("/0/function/name").asText()).isEqualTo("search");
        assertThat(calls.at("/0/function/arguments").asText()).endsWith(":1}");
        assertThat(calls.at("/1/id").asText()).isEqualTo("b");
        assertThat(whole.at("/choices/0/message/content").isNull()).isTrue();
    }

    @Test
    void anAnswerThatIsTakenApartIsTheSameWhenPutTogether() {
        JsonNode whole = Texts.json("{'id': 'c1', 'object': 'chat.completion', 'created': 7, 'model': 'm', 'choices':"
                + " [{'index': 0, 'message': {'role': 'assistant', 'content': 'One'}, 'finish_reason': 'stop'},"
                + " {'index': 1, 'message': {'role': 'assistant', 'content': null, 'tool_calls': [{'id': 'a', 'type':"
                + " 'function', 'function': {'name': 'f', 'arguments': '{}'}}]}, 'finish_reason': 'tool_calls'}],"
                + " 'usage': {'prompt_tokens': 3, 'completion_tokens': 2}}");
        var answer = new StreamedAnswer();
        StreamedAnswer.chunks(whole).forEach(answer::add);
        assertThat(Texts.json(answer.whole().toString())).isEqualTo(whole);
    }

    @Test
    void anAnswerWithoutAnEndIsNotWhole() {
        var answer = new StreamedAnswer();
        assertThat(answer.isWhole()).isFalse();
        answer.add(Texts.json("{'choices': [{'index': 0, 'delta': {'content': 'Good'}}]}"));
        assertThat(answer.isWhole()).isFalse();
    }
}

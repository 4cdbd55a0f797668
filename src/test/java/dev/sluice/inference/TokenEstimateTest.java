package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenEstimateTest {
    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }

    private static JsonNode saying(String text) {
        var request = JsonNodeFactory.instance.objectNode().put("model", "m");
        request.putArray("messages").addObject().put("role", "user").put("content", text);
        return request;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "äöü ß", "漢字かな", "😀👩‍👩‍👧", "\ud800", "<|im_start|>"})
    void theBoundIsAtLeastTheBytesOfTheText(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        assertThat(TokenEstimate.atMost(saying(text))).isBetween(bytes + 256L, bytes + 256L + 64);
    }

    @Test
    void everythingThatAModelIsGivenCounts() throws JsonProcessingException {
        long plain = TokenEstimate.atMost(saying(""));
        String x = "x".repeat(1_000);
        String message = "\"messages\":[{\"role\":\"user\",\"content\":\"\"}]";
        for (String member : new String[] {
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"" + x + "\"}}]",
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"" + x + "\":{}}}}",
            "\"input\":[\"" + x + "\"]",
            "\"prompt\":\"" + x + "\"",
        }) {
            JsonNode request = json("{" + message + "," + member + "}");
            assertThat(TokenEstimate.atMost(request)).as(member).isBetween(plain + 1_000, plain + 1_200);
            assertThat(TokenEstimate.likely(request)).as(member).isBetween(250L, 320L);
        }
        JsonNode parameters = json("{" + message + ",\"model\":\"" + x + "\",\"metadata\":{\"a\":\"" + x + "\"}}");
        assertThat(TokenEstimate.atMost(parameters)).isEqualTo(plain);
    }

    @Test
    void toolCallsInMessagesAndTokenIdsCount() throws JsonProcessingException {
        JsonNode call = json("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"function\":"
                + "{\"name\":\"f\",\"arguments\":\"" + "x".repeat(500) + "\"}}]}]}");
        assertThat(TokenEstimate.atMost(call)).isGreaterThan(750);
        assertThat(TokenEstimate.atMost(json("{\"input\":[[1,2,3],[4]]}"))).isGreaterThanOrEqualTo(256 + 4);
    }

    @Test
    void anImageCountsByABoundAndNotByItsBytes() throws JsonProcessingException {
        String url = "data:image/png;base64," + "A".repeat(1_000_000);
        String part = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + url + "\"%s}}";
        String request = "{\"messages\":[{\"role\":\"user\",\"content\":[" + part + "]}]}";
        JsonNode high = json(String.format(request, ""));
        assertThat(TokenEstimate.atMost(high)).isBetween(37_000L, 37_500L);
        assertThat(TokenEstimate.likely(high)).isBetween(1_000L, 1_050L);
        JsonNode low = json(String.format(request, ",\"detail\":\"low\""));
        assertThat(TokenEstimate.atMost(low)).isBetween(3_000L, 3_500L);
    }

    @Test
    void textThatIsCalledAnImageElsewhereCounts() throws JsonProcessingException {
        String x = "x".repeat(100_000);
        String disguised =
                "{\"type\":\"image_url\",\"description\":\"" + x + "\",\"image_url\":{\"url\":\"" + x + "\"}}";
        assertThat(TokenEstimate.atMost(json("{\"tools\":[" + disguised + "]}")))
                .isGreaterThan(200_000);
        assertThat(TokenEstimate.atMost(json("{\"messages\":[{\"content\":[" + disguised + "]}]}")))
                .isGreaterThan(100_000);
    }

    @Test
    void theLikelyValueIsFourCharactersAToken() {
        assertThat(TokenEstimate.likely(saying("x".repeat(4_000)))).isBetween(1_000L, 1_020L);
        assertThat(TokenEstimate.likely(JsonNodeFactory.instance.objectNode())).isEqualTo(1);
    }
}

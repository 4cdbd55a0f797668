package dev.sluice.dispatch;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.workflow.ProblemException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryEventTest {
    private static BinaryEvent event(String members) {
        return BinaryEvent.of(json("{specversion: '1.0', id: '1', source: '/s', type: 't', " + members + "}"));
    }

    @Test
    void attributesAreHeadersAndTheDataIsTheBody() {
        BinaryEvent event = event("subject: 'ä 50%', n: 3, nothing: null, data: {a: 1}");
        assertThat(event.headers())
                .isEqualTo(Map.of(
                        "ce-specversion", "1.0",
                        "ce-id", "1",
                        "ce-source", "/s",
                        "ce-type", "t",
                        "ce-subject", "%C3%A4%2050%25",
                        "ce-n", "3",
                        "content-type", "application/json"));
        assertThat(event.body()).asString().isEqualTo("{\"a\":1}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data: 'x', datacontenttype: 'text/plain'                | text/plain                | x
            data: 'x', datacontenttype: 'application/json'          | application/json          | "x"
            data: 'x'                                               | application/json          | "x"
            data: {a: 1}, datacontenttype: 'application/x+json'     | application/x+json        | {"a":1}
            data: [1], datacontenttype: 'text/plain'                | text/plain                | [1]
            data_base64: 'eA==', datacontenttype: 'image/png'       | image/png                 | x
            """)
    void theBodyIsWhatItsTypeSays(String members, String type, String body) {
        BinaryEvent event = event(members);
        assertThat(event.headers()).containsEntry("content-type", type);
        assertThat(event.body()).asString().isEqualTo(body);
    }

    @Test
    void withoutDataThereIsNoBody() {
        BinaryEvent event = event("data: null");
        assertThat(event.headers()).doesNotContainKey("content-type");
        assertThat(event.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'a b': 1",
                "'a\\r\\nx: y': 1",
                "UPPER: 1",
                "'': 1",
                "data_base64: '%'",
                "datacontenttype: 'a\\nb'"
            })
    void whatNoHeaderCanCarryIsRefused(String members) {
        assertThatThrownBy(() -> event(members))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("SL4025");
    }
}

package dev.sluice.api;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedHashMap;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloudEventInTest {
    private static final Map<String, String> BINARY =
            Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "t");

    /** Header names in any case, as HTTP has them. */
    static HttpHeaders headers(Map<String, String> values) {
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(values);
        var multi = new MultivaluedHashMap<String, String>();
        headers.forEach(multi::add);
        return (HttpHeaders) Proxy.newProxyInstance(
                HttpHeaders.class.getClassLoader(),
                new Class<?>[] {HttpHeaders.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "getHeaderString" -> headers.get((String) args[0]);
                    case "getRequestHeaders" -> multi;
                    default -> throw new AssertionError(method.getName());
                });
    }

    private static CloudEventIn read(Map<String, String> headers, String body) {
        return CloudEventIn.read(headers(headers), body.getBytes(StandardCharsets.UTF_8));
    }

    private static CloudEventIn binary(String contentType, String body) {
        var headers = new TreeMap<>(BINARY);
        headers.put("Content-Type", contentType);
        return read(headers, body);
    }

    private static CloudEventIn structured(String body) {
        return read(Map.of("content-type", "application/cloudevents+json; charset=utf-8"), body);
    }

    @Test
    void anEventInBinaryModeBecomesItsJsonForm() {
        assertThat(binary("application/json", "{\"a\":1}").envelope()).isEqualTo(json("""
                {specversion: '1.0', id: '1', source: '/s', type: 't', data: {a: 1},
                 datacontenttype: 'application/json'}
                """));
    }

    @Test
    void anEventInStructuredModeIsItsBody() {
        String body =
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"data\":[1],\"ext\":\"e\"}";
        assertThat(structured(body).envelope()).isEqualTo(json(body));
    }

    @Test
    void anEventWithoutDataIsAnEvent() {
        assertThat(read(BINARY, "").envelope().has("data")).isFalse();
    }

    @Test
    void textIsDataAsItStands() {
        assertThat(binary("text/plain", "ä").envelope().get("data").textValue()).isEqualTo("ä");
    }

    @Test
    void bytesTravelInBase64() {
        assertThat(binary("image/png", "hello").envelope().get("data_base64").textValue())
                .isEqualTo("aGVsbG8=");
    }

    @Test
    void namesOfHeadersMayBeOfAnyCaseAndTheirValuesPercentEncoded() {
        var event =
                read(Map.of("CE-SpecVersion", "1.0", "Ce-Id", "1", "CE-SOURCE", "/s%20+", "ce-type", "t%C3%A4"), "");
        assertThat(event.type()).isEqualTo("tä");
        assertThat(event.name()).isEqualTo("/s +\n1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce-id", "ce-source", "ce-type", "ce-specversion"})
    void anEventThatLacksARequiredAttributeIsRefusedAndItIsNamed(String header) {
        var headers = new TreeMap<>(BINARY);
        headers.remove(header);
        assertThatThrownBy(() -> read(headers, "{}"))
                .hasMessageContaining("SL2007")
                .hasMessageContaining("'" + header.substring(3) + "' is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "null",
                "{",
                "{\"specversion\":1.0,\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}",
                "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}"
            })
    void aMalformedStructuredEventIsRefused(String body) {
        assertThatThrownBy(() -> structured(body)).hasMessageContaining("SL2007");
    }

    @Test
    void dataThatSayItIsJsonAndIsNotIsRefused() {
        assertThatThrownBy(() -> binary("application/json", "{")).hasMessageContaining("SL2007");
    }

    @Test
    void batchModeIsRefused() {
        assertThatThrownBy(() -> read(Map.of("content-type", "application/cloudevents-batch+json"), "[]"))
                .hasMessageContaining("a batch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t"})
    void anEmptyBodyIsNotJson(String body) {
        assertThatThrownBy(() -> Body.json(body.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("SL2004")
                .hasMessageContaining("empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"a\":1} x", "{'a':1}", "nul", "[1,]"})
    void whatIsNotJsonIsRefusedByLineAndColumn(String body) {
        assertThatThrownBy(() -> Body.json(body.getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("SL2004")
                .hasMessageContaining("line 1, column ");
    }
}

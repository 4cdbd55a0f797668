package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.WebServer.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpCallTest {
    private static final String PET = "{\"id\": 1, \"name\": \"milou\", \"status\": \"pending\"}";

    private final WebServer server = new WebServer();
    private final Calls calls = new Calls();

    @AfterEach
    void stop() {
        server.close();
    }

    private String call(String method, String path, String more) {
        return "{'method': '%s', 'endpoint': {'uri': '%s'}%s}".formatted(method, server.url(path), more);
    }

    @Test
    void theContentOfAJsonAnswerIsATree() {
        server.on("/v2/pet/1", Reply.of(200, PET, "Content-Type", "application/json;charset=utf-8"));
        assertThat(calls.http(call("get", "/v2/pet/1", ""))).isEqualTo(json(PET));
        assertThat(server.last().method()).isEqualTo("GET");
        assertThat(server.last().target()).isEqualTo("/v2/pet/1");
    }

    @Test
    void theResponseHasRequestStatusHeadersAndContentButNoCredential() {
        server.on("/v2/pet/1", Reply.of(200, PET, "Content-Type", "application/json", "X-Seen", "a", "X-Seen", "b"));
        JsonNode response = calls.http(call(
                "get",
                "/v2/pet/1",
                ", 'output': 'response', 'headers': {'X-Mine': 'yes', 'AUTHORIZATION': 'Bearer topsecret'}"));
        assertThat(server.last().header("authorization")).isEqualTo("Bearer topsecret");
        assertThat(response.at("/request/method").asText()).isEqualTo("get");
        assertThat(response.at("/request/uri").asText()).isEqualTo(server.url("/v2/pet/1"));
        assertThat(response.at("/request/headers/x-mine").asText()).isEqualTo("yes");
        assertThat(response.path("statusCode").asInt()).isEqualTo(200);
        assertThat(response.path("content")).isEqualTo(json(PET));
        assertThat(response.toString()).contains("\"a, b\"").doesNotContain("topsecret");
    }

    @Test
    void theRawOutputIsBase64OfTheBytes() {
        server.on("/pet", Reply.json(PET));
        String raw = calls.http(call("get", "/pet", ", 'output': 'raw'")).asText();
        assertThat(new String(Base64.getDecoder().decode(raw), StandardCharsets.UTF_8))
                .isEqualTo(PET);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "application/problem+json | {\"a\": [1]} | {\"a\": [1]}",
                "application/json | true | true",
                "text/plain | hi | \"hi\"",
                "application/xml | <a/> | \"<a/>\"",
                "image/svg+xml | <svg/> | \"<svg/>\"",
                "application/yaml | a: 1 | \"a: 1\"",
                "application/octet-stream | hi | \"aGk=\"",
                "nonsense | hi | \"aGk=\"",
                "application/json | `` | null",
                "text/plain | `` | null",
                "`` | {\"a\": 1} | {\"a\": 1}",
                "`` | hi | \"aGk=\"",
            })
    void theContentTypeDecidesWhatTheContentIs(String type, String body, String content) {
        server.on("/", type.isEmpty() ? Reply.of(200, body) : Reply.of(200, body, "Content-Type", type));
        assertThat(calls.http(call("get", "/", ""))).isEqualTo(json(content));
    }

    @Test
    void aTextIsReadInItsOwnCharset() {
        byte[] latin = "Grüße".getBytes(StandardCharsets.ISO_8859_1);
        server.on("/", new Reply(200, latin, List.of("Content-Type", "text/plain; charset=\"ISO-8859-1\"")));
        assertThat(calls.http(call("get", "/", "")).asText()).isEqualTo("Grüße");
    }

    @Test
    void aCompressedAnswerIsUnpacked() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(PET.getBytes(StandardCharsets.UTF_8));
        }
        server.on(
                "/",
                new Reply(
                        200,
                        packed.toByteArray(),
                        List.of("Content-Type", "application/json", "Content-Encoding", "gzip")));
        assertThat(calls.http(call("get", "/", ", 'headers': {'accept-encoding': 'gzip'}")))
                .isEqualTo(json(PET));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "'body': {'a': [1, null]} | application/json | {\"a\":[1,null]}",
                "'body': 'hi' | application/json | \"hi\"",
                "'body': 3 | application/json | 3",
                "'body': false, 'headers': {'Content-Type': 'application/vnd.x+json'} | application/vnd.x+json | false",
                "'body': 'hi', 'headers': {'content-type': 'text/plain'} | text/plain | hi",
                "'body': {'a b': 'x&y', 'c': [1, 2]}, 'headers': {'Content-Type': 'application/x-www-form-urlencoded'} "
                        + "| application/x-www-form-urlencoded | a+b=x%26y&c=1&c=2",
                "'body': 'a=1', 'headers': {'Content-Type': 'application/x-www-form-urlencoded'} "
                        + "| application/x-www-form-urlencoded | a=1",
            })
    void theBodyIsWrittenByItsContentType(String more, String type, String sent) {
        server.on("/", Reply.json("{}"));
        calls.http(call("post", "/", ", " + more));
        assertThat(server.last().headers().get("Content-Type")).containsExactly(type);
        assertThat(server.last().body()).isEqualTo(sent);
    }

    @Test
    void aBodyOfNullIsNone() {
        server.on("/", Reply.json("{}"));
        calls.http(call("post", "/", ", 'body': null"));
        assertThat(server.last().body()).isEmpty();
        assertThat(server.last().header("content-type")).isNull();
    }

    @Test
    void queryValuesAreAddedToThoseOfTheAddressAndEncoded() {
        server.on("/find", Reply.json("[]"));
        calls.http(
                call("get", "/find?q=a%20b&z", ", 'query': {'tag': ['ü/1', 'b&c'], 'n': 2.5, 'on': true, 'no': null}"));
        assertThat(server.last().target()).isEqualTo("/find?q=a%20b&z&tag=%C3%BC%2F1&tag=b%26c&n=2.5&on=true");
    }

    @Test
    void whatMayNotStandInAnAddressIsEncoded() {
        server.on("/a b/ü", Reply.json("1"));
        assertThat(calls.http(call("get", "/a b/ü?x=100%#there", "")).asInt()).isEqualTo(1);
        assertThat(server.last().target()).isEqualTo("/a%20b/%C3%BC?x=100%25");
    }

    @ParameterizedTest
    @CsvSource({"post, true", "PUT, true", "patch, true", "delete, true", "get, false", "head, false"})
    void theIdempotencyKeyGoesWithWhatChangesSomething(String method, boolean sent) {
        server.on("/", Reply.of(204, ""));
        assertThat(calls.http(call(method, "/", "")).isNull()).isTrue();
        assertThat(server.last().header("idempotency-key")).isEqualTo(sent ? "r-42:/do/0/call" : null);
        assertThat(server.last().header("traceparent")).startsWith("00-0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void theAuthorsOwnKeyStays() {
        server.on("/", Reply.of(204, ""));
        calls.http(call("post", "/", ", 'headers': {'Idempotency-Key': 'mine', 'X-Many': ['a', 'b'], 'X-None': null}"));
        assertThat(server.last().headers().get("idempotency-key")).containsExactly("mine");
        assertThat(server.last().headers().get("x-many")).containsExactly("a", "b");
        assertThat(server.last().headers()).doesNotContainKey("X-none");
    }
}

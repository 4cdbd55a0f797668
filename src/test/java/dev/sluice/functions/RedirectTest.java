package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.WebServer.Reply;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectTest {
    private final WebServer server = new WebServer();
    private final Calls calls = new Calls();

    @AfterEach
    void stop() {
        server.close();
    }

    private String call(String method, String more) {
        return "{'method': '%s', 'redirect': true, 'endpoint': {'uri': '%s'}%s}"
                .formatted(method, server.url("/a"), more);
    }

    @ParameterizedTest
    @CsvSource({
        "301, get, GET", "302, get, GET", "303, get, GET", "307, get, GET", "308, get, GET",
        "301, post, GET", "302, post, GET", "303, post, GET", "307, post, POST", "308, post, POST",
        "301, put, PUT", "303, put, GET", "303, head, HEAD",
    })
    void aRedirectIsFollowedWithTheMethodThatTheStatusAsksFor(int status, String method, String followedBy) {
        server.on("/a", Reply.of(status, "", "Location", "b?x=1#frag")).on("/b", Reply.json("{}"));
        calls.http(call(method, method.startsWith("p") ? ", 'body': {'n': 1}" : ""));
        assertThat(server.last().method()).isEqualTo(followedBy);
        assertThat(server.last().target()).isEqualTo("/b?x=1");
        assertThat(server.last().body()).isEqualTo(followedBy.startsWith("P") ? "{\"n\":1}" : "");
    }

    @Test
    void aCredentialIsNotShownToAnotherOrigin() {
        try (var other = new WebServer()) {
            other.on("/b", Reply.json("2"));
            server.on("/a", Reply.of(302, "", "Location", "/c"))
                    .on("/c", Reply.of(302, "", "Location", other.url("/b")));
            calls.http("""
                    {'method': 'get', 'redirect': true, 'headers': {'Cookie': 's=topsecret', 'X-Mine': 'stays'},
                     'endpoint': {'uri': '%s', 'authentication': {'basic': {'username': 'u', 'password': 'p'}}}}""".formatted(server.url("/a")));
            assertThat(server.last().target()).isEqualTo("/c");
            assertThat(server.last().header("authorization")).startsWith("Basic ");
            assertThat(other.last().header("authorization")).isNull();
            assertThat(other.last().header("cookie")).isNull();
            assertThat(other.last().header("x-mine")).isEqualTo("stays");
        }
    }

    @Test
    void aLoopEndsAfterTenAndItsLastAnswerIsTheResult() {
        server.on("/a", Reply.of(302, "again", "Location", "/a", "Content-Type", "text/plain"));
        JsonNode response = calls.http(call("get", ", 'output': 'response'"));
        assertThat(response.path("statusCode").asInt()).isEqualTo(302);
        assertThat(response.path("content").asText()).isEqualTo("again");
        assertThat(server.asked).hasSize(11);
    }

    @ParameterizedTest
    @CsvSource({"304", "300", "302"})
    void aRedirectThatLeadsNowhereIsASuccess(int status) {
        server.on("/a", Reply.of(status, ""));
        assertThat(calls.http(call("get", ", 'output': 'response'"))
                        .path("statusCode")
                        .asInt())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"ftp://example.org/a", "http://[", "mailto:a@example.org"})
    void aRedirectOutOfTheWebIsNotFollowed(String location) {
        server.on("/a", Reply.of(302, "", "Location", location));
        assertThat(calls.http(call("get", ", 'output': 'response'"))
                        .path("statusCode")
                        .asInt())
                .isEqualTo(302);
    }

    @Test
    void theResponseShowsTheRequestThatWasAnswered() {
        server.on("/a", Reply.of(303, "", "Location", "/b")).on("/b", Reply.json("{}"));
        JsonNode response = calls.http(call("post", ", 'body': 1, 'output': 'response'"));
        assertThat(response.at("/request/uri").asText()).isEqualTo(server.url("/b"));
        assertThat(response.at("/request/method").asText()).isEqualTo("get");
        assertThat(response.at("/request/headers").has("content-type")).isFalse();
    }

    @Test
    void aRedirectToADeniedHostIsNotFollowed() {
        server.on("/a", Reply.of(302, "", "Location", "http://169.254.169.254/latest/meta-data"));
        var guarded = new Calls(List.of("169.254.0.0/16"), Optional.empty());
        assertThat(guarded.httpFailure(call("get", "")).status()).isEqualTo(403);
    }

    @Test
    void aFailureAfterARedirectIsAFailure() {
        server.on("/a", Reply.of(302, "", "Location", "/gone"));
        assertThat(calls.httpFailure(call("get", "")).status()).isEqualTo(404);
    }
}

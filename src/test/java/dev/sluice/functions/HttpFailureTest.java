package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.functions.WebServer.Reply;
import dev.sluice.workflow.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpFailureTest {
    private static final String ERRORS = "https://serverlessworkflow.io/spec/1.0.0/errors/";

    private final WebServer server = new WebServer();
    private final Calls calls = new Calls();

    @AfterEach
    void stop() {
        server.close();
    }

    private static String get(String url, String more) {
        return "{'method': 'get', 'endpoint': {'uri': '%s'}%s}".formatted(url, more);
    }

    @ParameterizedTest
    @CsvSource({
        "404, HTTP 404 Not Found",
        "400, HTTP 400 Bad Request",
        "401, HTTP 401 Unauthorized",
        "500, HTTP 500 Internal Server Error",
        "503, HTTP 503 Service Unavailable",
        "429, HTTP 429 Too Many Requests",
        "302, HTTP 302 Found",
        "599, HTTP 599"
    })
    void aStatusOfFailureIsTheStatusOfTheError(int status, String title) {
        server.on("/pet", Reply.of(status, "no such pet", "Location", "/there"));
        Problem problem = calls.httpFailure(get(server.url("/pet?key=topsecret"), ""));
        assertThat(problem.type()).isEqualTo(Calls.COMMUNICATION);
        assertThat(problem.status()).isEqualTo(status);
        assertThat(problem.title()).isEqualTo(title);
        assertThat(problem.code()).isEqualTo("SL4015");
        assertThat(problem.detail())
                .contains("GET " + server.url("/pet?key=…"), "no such pet")
                .doesNotContain("topsecret");
        assertThat(problem.retryable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "429, 7, 7",
        "503, 'Sun, 01 Mar 2026 12:00:30 GMT', 30",
        "429, 0, 0",
    })
    void onlyAServerThatNamesTheTimeIsAskedAgain(int status, String after, long seconds) {
        server.on("/", Reply.of(status, "", "Retry-After", after));
        Problem problem = calls.httpFailure(get(server.url("/"), ""));
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
        server.on("/", Reply.of(500, "", "Retry-After", after));
        assertThat(calls.httpFailure(get(server.url("/"), "")).retryable()).isFalse();
    }

    @Test
    void aLongErrorIsShortenedAndTheCredentialIsTakenOut() {
        server.on("/", asked -> Reply.of(403, asked.header("authorization") + "x".repeat(5_000)));
        Problem problem = calls.httpFailure("""
                {'method': 'get', 'endpoint': {'uri': '%s', 'authentication': {'bearer': {'token': 'topsecret'}}}}""".formatted(server.url("/")));
        assertThat(problem.detail())
                .contains("Bearer ***xxx")
                .hasSizeLessThan(2_200)
                .doesNotContain("topsecret");
    }

    @Test
    void aHostThatIsNotThereIsUnavailable() {
        String url = server.url("/");
        server.close();
        Problem refused = calls.httpFailure(get(url, ""));
        assertThat(refused.type()).isEqualTo(Calls.COMMUNICATION);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.detail()).contains("GET " + url, "refused");
        assertThat(refused.retryable()).isFalse();
        assertThat(calls.httpFailure(get("http://nowhere.invalid/", "")).detail())
                .contains("the host is unknown");
    }

    @Test
    void aServerThatSaysNothingTimesOutAndSeesTheConnectionClosed() throws Exception {
        try (RawServer silent = RawServer.waiting("")) {
            Problem problem = calls.httpFailure(get(silent.url("/"), ", 'timeout': 0.3"));
            assertThat(problem.type()).isEqualTo(ERRORS + "timeout");
            assertThat(problem.status()).isEqualTo(408);
            assertThat(problem.detail()).contains("0.3 s");
            assertThat(silent.isClosedWithin(2)).isTrue();
        }
    }

    @Test
    void anAnswerThatNeverEndsTimesOutAsAWhole() throws Exception {
        try (RawServer slow = RawServer.waiting("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) {
            Problem problem = calls.httpFailure(get(slow.url("/"), ", 'timeout': 0.3"));
            assertThat(problem.status()).isEqualTo(408);
            assertThat(slow.isClosedWithin(2)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nhalf`",
                "`HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhal`",
                "`HTTP/1.1 200 OK\\r\\nContent-Le`",
                "`SSH-2.0-OpenSSH\\r\\n\\r\\n`",
                "``"
            })
    void aBrokenAnswerIsABadGateway(String said) throws IOException {
        try (RawServer broken = RawServer.breakingOff(said.replace("\\r\\n", "\r\n"))) {
            Problem problem = calls.httpFailure(get(broken.url("/"), ""));
            assertThat(problem.type()).isEqualTo(Calls.COMMUNICATION);
            assertThat(problem.status()).isEqualTo(502);
            assertThat(problem.detail()).contains("the answer cannot be used: ");
        }
    }

    @Test
    void whatSaysThatItIsJsonAndIsNotIsABadGateway() {
        server.on("/", Reply.json("<html>"));
        Problem problem = calls.httpFailure(get(server.url("/"), ""));
        assertThat(problem.status()).isEqualTo(502);
        assertThat(problem.detail()).contains("it is not JSON");
        assertThat(calls.http(get(server.url("/"), ", 'output': 'raw'")).asText())
                .isEqualTo("PGh0bWw+");
    }

    @Test
    void anAnswerAboveTheLimitIsNotReadToItsEnd() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n";
        try (RawServer huge = RawServer.waiting(head + "x".repeat(Caller.ANSWER_BYTES_MAX + 1))) {
            Problem problem = calls.httpFailure(get(huge.url("/"), ", 'timeout': 30"));
            assertThat(problem.status()).isEqualTo(502);
            assertThat(problem.detail()).contains("64 MiB");
            assertThat(huge.isClosedWithin(5)).isTrue();
        }
    }

    @Test
    void anAnswerThatUnpacksToMoreThanTheLimitIsRefused() throws IOException {
        var packed = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 65; i++) gzip.write(zeros);
        }
        server.on("/", new Reply(200, packed.toByteArray(), List.of("Content-Encoding", "gzip")));
        assertThat(calls.httpFailure(get(server.url("/"), "")).detail()).contains("64 MiB");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "'uri': 'ftp://example.org/a' | neither http nor https",
                "'uri': 'file:///etc/passwd' | neither http nor https",
                "'uri': 'http:///a' | has no valid host",
                "'uri': 'http://a_b:80/' | has no valid host",
                "'uri': '/relative' | neither http nor https",
                "'uri': 'http://h/', 'authentication': {'use': 'x'} | expects one of basic, bearer",
                "'uri': 'http://h/', 'authentication': {'basic': {'username': 'a'}, 'bearer': {}} | expects one of",
                "'uri': 'http://h/', 'authentication': {'basic': {}} | at /endpoint/authentication/basic/username",
                "'uri': 'http://h/'}, 'headers': {'Host': 'other' | written by the HTTP client itself",
                "'uri': 'http://h/'}, 'headers': {'X': 'a\\r\\nb' | control character",
                "'uri': 'http://h/'}, 'headers': {'a b': 'c' | cannot be sent",
                "'uri': 'http://h/'}, 'output': 'everything', 'x': {'y': 1 | at /output",
                "'uri': 'http://h/'}, 'redirect': 'yes', 'x': {'y': 1 | at /redirect",
                "'uri': 'http://h/'}, 'timeout': 0, 'x': {'y': 1 | at /timeout",
                "'uri': 'http://h/'}, 'query': [], 'x': {'y': 1 | at /query",
                "'uri': 'http://h/'}, 'headers': {'Content-Type': 'text/csv'}, 'body': {'y': 1 | must be a text",
            })
    void whatCannotBeSentIsRefusedWithTheReason(String endpoint, String detail) {
        Problem problem = calls.httpFailure("{'method': 'post', 'endpoint': {%s}}".formatted(endpoint));
        assertThat(problem.code()).isEqualTo("SL4008");
        assertThat(problem.detail()).contains(detail);
        assertThat(problem.retryable()).isFalse();
    }

    @Test
    void anAddressThatIsNoUriIsNotRepeatedBecauseItMayHoldASecret() {
        Problem problem = calls.httpFailure(get("http://user:topsecret@[::x/", ""));
        assertThat(problem.type()).isEqualTo(ERRORS + "configuration");
        assertThat(problem.detail()).doesNotContain("topsecret");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.0/8, http://localhost:%d/",
        "127.0.0.1, http://127.0.0.1:%d/",
        "127.0.0.0/8, http://2130706433:%d/",
        "LOCAL*, http://localhost.:%d/",
        "127.0.0.1, http://[::ffff:127.0.0.1]:%d/",
    })
    void aDeniedHostIsNotReachedByAnyOfItsNames(String denied, String url) {
        var guarded = new Calls(Arrays.asList("10.0.0.0/8", denied), Optional.empty());
        Problem problem = guarded.httpFailure(get(url.formatted(server.port()), ""));
        assertThat(problem.type()).isEqualTo(ERRORS + "authorization");
        assertThat(problem.status()).isEqualTo(403);
        assertThat(problem.detail()).contains("sluice.http.denied-hosts");
        assertThat(server.asked).isEmpty();
    }

    @Test
    void aHostThatIsNotDeniedIsReached() {
        var guarded = new Calls(List.of("169.254.0.0/16", "fd00:ec2::254", "*.internal"), Optional.empty());
        server.on("/", Reply.json("1"));
        assertThat(guarded.http(get(server.url("/"), "")).asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/33", "10.0.0.0/x", "999.0.0.0/8", "::1/129"})
    void aNetworkThatCannotBeReadEndsTheStart(String network) {
        var failed = org.assertj.core.api.Assertions.catchThrowableOfType(
                dev.sluice.workflow.ProblemException.class,
                () -> new HostList("sluice.http.denied-hosts", List.of(network)));
        assertThat(failed.problem().oneLine()).contains("SL1007", "'" + network + "'");
    }
}

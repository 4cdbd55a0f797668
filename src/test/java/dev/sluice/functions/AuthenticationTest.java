package dev.sluice.functions;

import static dev.sluice.functions.Calls.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.functions.WebServer.Asked;
import dev.sluice.functions.WebServer.Reply;
import dev.sluice.workflow.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationTest {
    private static final String CLIENT = "'client': {'id': 'me', 'secret': 's&cret'}";

    private final WebServer server = new WebServer();
    private final Calls calls = new Calls();
    private final AtomicInteger granted = new AtomicInteger();

    /** The token that {@code /secured} takes; empty for any that was granted. */
    private volatile String valid = "";

    @BeforeEach
    void serve() {
        server.on(
                "/oauth2/token",
                asked -> Reply.json("{\"access_token\": \"t%d\", \"token_type\": \"Bearer\", \"expires_in\": 600}"
                        .formatted(granted.incrementAndGet())));
        server.on("/secured", asked -> {
            String shown = String.valueOf(asked.header("authorization"));
            boolean in = valid.isEmpty() ? shown.startsWith("Bearer t") : shown.equals("Bearer " + valid);
            return in ? Reply.json("\"in\"") : Reply.of(401, "out");
        });
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String secured(String authentication) {
        return "{'method': 'get', 'endpoint': {'uri': '%s', 'authentication': {%s}}}"
                .formatted(server.url("/secured"), authentication);
    }

    private String oauth2(String more) {
        return secured(
                "'oauth2': {'authority': '%s', 'grant': 'client_credentials', %s}".formatted(server.url(""), more));
    }

    private Asked tokenRequest() {
        return server.asked.stream()
                .filter(asked -> asked.target().equals("/oauth2/token"))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void basicAuthenticationIsShownWithTheFirstRequest() {
        server.on("/secured", asked -> Reply.json("\"" + asked.header("authorization") + "\""));
        String expected = "Basic " + Base64.getEncoder().encodeToString("ädmin:pa:ss".getBytes(StandardCharsets.UTF_8));
        assertThat(calls.http(secured("'basic': {'username': 'ädmin', 'password': 'pa:ss'}"))
                        .asText())
                .isEqualTo(expected);
        String url = server.url("/secured").replace("//", "//%C3%A4dmin:pa%3Ass@");
        JsonNode response =
                calls.http("{'method': 'get', 'output': 'response', 'endpoint': {'uri': '%s'}}".formatted(url));
        assertThat(response.path("content").asText()).isEqualTo(expected);
        assertThat(response.at("/request").toString())
                .contains(server.url("/secured"))
                .doesNotContain("dmin");
    }

    @Test
    void aDigestChallengeIsAnsweredAsInTheExampleOfTheRfc() {
        var who = new Authentication.Digest("Mufasa", "Circle of Life");
        var request = Outgoing.get(java.net.URI.create("http://www.example.org/dir/index.html"));
        String challenge = "Basic realm=\"x\", Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
                + "algorithm=%s, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                + "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        String cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        assertThat(DigestAnswer.to(List.of(challenge.formatted("SHA-256")), who, request, cnonce)
                        .orElseThrow())
                .contains("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
        assertThat(DigestAnswer.to(List.of(challenge.formatted("MD5")), who, request, cnonce)
                        .orElseThrow())
                .contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"", "qop=auth, nc=00000001");
        assertThat(DigestAnswer.to(List.of(challenge.formatted("SHA-1")), who, request, cnonce))
                .isEmpty();
        assertThat(DigestAnswer.to(List.of("Basic realm=\"x\""), who, request, cnonce))
                .isEmpty();
    }

    @Test
    void digestAuthenticationAsksTwice() {
        server.on(
                "/secured",
                asked -> asked.header("authorization") == null
                        ? Reply.of(401, "", "WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")
                        : Reply.json("\"in\""));
        assertThat(calls.http(secured("'digest': {'username': 'u', 'password': 'p'}"))
                        .asText())
                .isEqualTo("in");
        assertThat(server.asked).hasSize(2);
        assertThat(server.last().header("authorization")).contains("username=\"u\"", "uri=\"/secured\"");
    }

    @Test
    void aTokenIsFetchedOnceAndUsedUntilShortlyBeforeItExpires() {
        for (int i = 0; i < 3; i++)
            assertThat(calls.http(oauth2(CLIENT)).asText()).isEqualTo("in");
        calls.clock.forward(Duration.ofSeconds(569));
        calls.http(oauth2(CLIENT));
        assertThat(granted).hasValue(1);
        calls.clock.forward(Duration.ofSeconds(2));
        calls.http(oauth2(CLIENT));
        assertThat(granted).hasValue(2);
        calls.http(oauth2(CLIENT + ", 'scopes': ['other']"));
        assertThat(granted).hasValue(3);
    }

    @Test
    void thoseWhoNeedTheSameTokenAtOnceFetchIt() throws Exception {
        var ten = new CountDownLatch(10);
        List<CompletableFuture<JsonNode>> answers = IntStream.range(0, 10)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            ten.countDown();
                            await(ten);
                            return calls.http(oauth2(CLIENT));
                        },
                        task -> Thread.ofVirtual().start(task)))
                .toList();
        for (var answer : answers)
            assertThat(answer.get(20, TimeUnit.SECONDS).asText()).isEqualTo("in");
        assertThat(granted).hasValue(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTokenThatIsRefusedIsFetchedAnewOnce() {
        calls.http(oauth2(CLIENT));
        valid = "t2";
        assertThat(calls.http(oauth2(CLIENT)).asText()).isEqualTo("in");
        assertThat(granted).hasValue(2);
        valid = "none";
        Problem problem = calls.httpFailure(oauth2(CLIENT));
        assertThat(problem.status()).isEqualTo(401);
        assertThat(problem.type()).isEqualTo(Calls.COMMUNICATION);
        assertThat(granted).hasValue(3);
        calls.httpFailure(oauth2(CLIENT));
        assertThat(granted).hasValue(4);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "'client': {'id': 'me', 'secret': 's&cret'}, 'scopes': ['a', 'b'], 'audiences': ['x', 'y'] "
                        + "| grant_type=client_credentials&scope=a+b&audience=x&audience=y"
                        + "&client_id=me&client_secret=s%26cret |",
                "'client': {'id': 'm:e', 'secret': 's', 'authentication': 'client_secret_basic'} "
                        + "| grant_type=client_credentials | Basic bSUzQWU6cw==",
                "'client': {'id': 'me', 'authentication': 'none'} | grant_type=client_credentials&client_id=me |",
                "'client': {'id': 'me', 'authentication': 'private_key_jwt', 'assertion': 'a.b.c'} "
                        + "| grant_type=client_credentials&client_id=me&client_assertion_type="
                        + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c |",
                "'request': {'encoding': 'application/json'}, 'client': {'id': 'me', 'secret': 's'}, "
                        + "'audiences': ['x', 'y'] "
                        + "| {\"grant_type\":\"client_credentials\",\"audience\":[\"x\",\"y\"],"
                        + "\"client_id\":\"me\",\"client_secret\":\"s\"} |",
            })
    void theTokenIsAskedForAsThePolicySays(String policy, String body, String authorization) {
        calls.http(oauth2(policy));
        assertThat(tokenRequest().body()).isEqualTo(body);
        assertThat(tokenRequest().header("authorization")).isEqualTo(authorization);
    }

    @Test
    void thePasswordGrantAndTheExchangeOfATokenSendWhatTheyNeed() {
        String authority = "'authority': '%s/', 'client': {'authentication': 'none'}, ".formatted(server.url(""));
        calls.http(
                secured("'oauth2': {%s 'grant': 'password', 'username': 'u', 'password': 'p'}".formatted(authority)));
        assertThat(tokenRequest().body()).isEqualTo("grant_type=password&username=u&password=p");
        calls.http(secured("""
                'oauth2': {%s 'grant': 'urn:ietf:params:oauth:grant-type:token-exchange',
                'subject': {'token': 'a', 'type': 'urn:t'}, 'actor': {'token': 'b', 'type': 'urn:t'}}""".formatted(authority)));
        assertThat(tokenRequest().body())
                .isEqualTo("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=a"
                        + "&subject_token_type=urn%3At&actor_token=b&actor_token_type=urn%3At");
    }

    @Test
    void aClientCanSignAnAssertionWithItsSecret() {
        calls.http(oauth2("'client': {'id': 'me', 'secret': 'k', 'authentication': 'client_secret_jwt'}"));
        String assertion = tokenRequest().body().replaceAll(".*&client_assertion=", "");
        String claims = new String(Base64.getUrlDecoder().decode(assertion.split("\\.")[1]), StandardCharsets.UTF_8);
        assertThat(Events.json(claims).path("aud").asText()).isEqualTo(server.url("/oauth2/token"));
        assertThat(Events.json(claims).path("exp").asLong())
                .isEqualTo(calls.clock.instant().getEpochSecond() + 60);
        assertThat(Events.json(claims).path("sub").asText()).isEqualTo("me");
        assertThat(assertion.split("\\.")[2]).hasSize(43);
    }

    @Test
    void theEndpointForTokensIsRelativeToTheAuthority() {
        server.on("/realms/x/protocol/token", Reply.json("{\"access_token\": \"t9\"}"));
        String policy =
                "'oauth2': {'authority': '%s', 'endpoints': {'token': '/protocol/token'}, 'grant': 'client_credentials', %s}";
        assertThat(calls.http(secured(policy.formatted(server.url("/realms/x"), CLIENT)))
                        .asText())
                .isEqualTo("in");
    }

    @ParameterizedTest
    @CsvSource({"/realms/x", "/realms/x/", "/realms/x/.well-known/openid-configuration"})
    void oidcFindsTheEndpointInTheDiscoveryDocument(String authority) {
        server.on(
                "/realms/x/.well-known/openid-configuration",
                Reply.json("{\"token_endpoint\": \"%s\"}".formatted(server.url("/oauth2/token"))));
        String policy = "'oidc': {'authority': '%s', 'grant': 'client_credentials', %s}";
        assertThat(calls.http(secured(policy.formatted(server.url(authority), CLIENT)))
                        .asText())
                .isEqualTo("in");
        assertThat(granted).hasValue(1);
    }

    @Test
    void anAuthorityThatRefusesIsAnErrorOfAuthentication() {
        server.on(
                "/oauth2/token",
                Reply.of(
                        400,
                        "{\"error\": \"invalid_client\", \"error_description\": \"Wrong.\", \"echo\": \"s&cret\"}"));
        Problem problem = calls.httpFailure(oauth2(CLIENT));
        assertThat(problem.type()).isEqualTo("https://serverlessworkflow.io/spec/1.0.0/errors/authentication");
        assertThat(problem.status()).isEqualTo(401);
        assertThat(problem.code()).isEqualTo("SL4016");
        assertThat(problem.detail()).contains("invalid_client Wrong.").doesNotContain("s&cret");
    }

    @Test
    void anAuthorityThatFailsIsAnErrorOfCommunication() {
        server.on("/oauth2/token", Reply.of(503, "later", "Retry-After", "3"));
        Problem problem = calls.httpFailure(oauth2(CLIENT));
        assertThat(problem.type()).isEqualTo(Calls.COMMUNICATION);
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.retryAfter()).isEqualTo(Duration.ofSeconds(3));
        server.on("/oauth2/token", Reply.json("{}"));
        assertThat(calls.httpFailure(oauth2(CLIENT)).detail()).contains("it has no access_token");
    }

    @Test
    void aTokenOfAnotherIssuerIsNotUsed() {
        String claims =
                Base64.getUrlEncoder().encodeToString("{\"iss\": \"https://me\"}".getBytes(StandardCharsets.UTF_8));
        server.on("/oauth2/token", Reply.json("{\"access_token\": \"th." + claims + ".s\"}"));
        assertThat(calls.http(oauth2(CLIENT + ", 'issuers': ['https://me']"))).isEqualTo(json("'in'"));
        assertThat(calls.httpFailure(oauth2(CLIENT + ", 'issuers': ['https://you']"))
                        .detail())
                .contains("was issued by 'https://me'");
        server.on("/oauth2/token", Reply.json("{\"access_token\": \"topaque\"}"));
        assertThat(calls.httpFailure(oauth2(CLIENT + ", 'issuers': ['https://you']"))
                        .detail())
                .contains("does not say who issued it");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "'grant': 'authorization_code' | does not support 'authorization_code'",
                "'grant': 'refresh_token' | does not support 'refresh_token'",
                "'grant': 'password', 'client': {'authentication': 'tls'} | does not support 'tls'",
                "'grant': 'password', 'request': {'encoding': 'text/xml'} | does not support 'text/xml'",
                "'grant': 'client_credentials', 'client': {'id': 'me'} | /oauth2/client/secret",
                "'grant': 'password', 'client': {'authentication': 'none'} | /oauth2/username",
                "'grant': 3 | /oauth2/grant",
                "'grant': 'password', 'issuers': 'x' | /oauth2/issuers",
            })
    void aPolicyThatCannotBeFollowedIsRefused(String policy, String detail) {
        Problem problem =
                calls.httpFailure(secured("'oauth2': {'authority': '%s', %s}".formatted(server.url(""), policy)));
        assertThat(problem.code()).isEqualTo("SL4008");
        assertThat(problem.detail()).contains(detail);
        assertThat(server.asked).isEmpty();
    }
}

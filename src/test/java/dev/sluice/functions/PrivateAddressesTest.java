package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of workflows to what is not of the internet. */
class PrivateAddressesTest {
    private final WebServer server = new WebServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static Calls refusing(String... allowed) {
        return new Calls(
                new DeniedHosts(List.of(), List.of(allowed), true, InetAddress::getAllByName), Optional.empty());
    }

    private String get(String url) {
        return "{'method': 'get', 'endpoint': {'uri': '" + url.formatted(server.port()) + "'}}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:%d/",
                "http://localhost:%d/",
                "http://localhost.:%d/",
                "http://2130706433:%d/",
                "http://[::1]:%d/",
                "http://[::ffff:127.0.0.1]:%d/",
                "http://user:word@127.0.0.1:%d/",
                "http://10.0.0.1/",
                "http://169.254.169.254/latest",
                "http://[fd00::1]/",
                "http://0.0.0.0:%d/",
            })
    void areRefusedByWhateverNameTheyHave(String url) {
        Problem problem = refusing().httpFailure(get(url));
        assertThat(problem.code()).isEqualTo("SL4017");
        assertThat(problem.status()).isEqualTo(403);
        assertThat(problem.detail()).contains("sluice.http.private-addresses", "sluice.http.allowed-hosts");
        assertThat(server.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.1:%d/", "http://0x7f.1:%d/", "http://0177.1:%d/", "http://0x7f000001:%d/"})
    void areNotReachedByOddSpellingsEither(String url) {
        assertThat(refusing().httpFailure(get(url)).status()).isIn(400, 403, 503);
        assertThat(server.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.0/8", "127.0.0.1", "local*"})
    void areReachedWhereTheyAreAllowed(String allowed) {
        server.on("/", WebServer.Reply.json("1"));
        assertThat(refusing("10.0.0.0/8", allowed)
                        .http(get("http://localhost:%d/"))
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void whatIsDeniedStaysDeniedWhereItIsAllowedAsWell() {
        var hosts = new DeniedHosts(List.of("127.0.0.1"), List.of("127.0.0.1"), true, InetAddress::getAllByName);
        Problem problem = new Calls(hosts, Optional.empty()).httpFailure(get("http://127.0.0.1:%d/"));
        assertThat(problem.detail()).contains("a denied one");
    }

    @Test
    void areNotReachedByARedirect() {
        server.on("/", WebServer.Reply.of(302, "", "Location", "http://127.0.0.2:" + server.port() + "/in"));
        Problem problem = refusing("127.0.0.1")
                .httpFailure("{'method': 'get', 'redirect': true, 'endpoint': {'uri': '" + server.url("/") + "'}}");
        assertThat(problem.code()).isEqualTo("SL4017");
        assertThat(server.asked).hasSize(1);
    }

    /** Bound anew while it was connected: what was asked there is not told. */
    @Test
    void anAnswerFromANameThatMovedInsideIsNotGivenOut() {
        var asked = new AtomicInteger();
        var hosts =
                new DeniedHosts(List.of(), List.of(), true, host -> new InetAddress[] {
                    InetAddress.getByName(asked.incrementAndGet() == 1 ? "93.184.215.14" : "127.0.0.1")
                });
        server.on("/", WebServer.Reply.json("\"s3cret\""));
        Problem problem = new Calls(hosts, Optional.empty()).httpFailure(get("http://localhost:%d/"));
        assertThat(problem.code()).isEqualTo("SL4017");
        assertThat(problem.detail()).contains("a loopback address").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, 127.0.0.1, true",
                "-, localhost, true",
                "-, 0.0.0.0, false",
                "-, 10.0.0.7, false",
                "allow, 0.0.0.0, true",
                "refuse, 127.0.0.1, false"
            })
    void areAllowedOnALaptopAndWhereItIsSaid(String setting, String listensOn, boolean allowed)
            throws UnknownHostException {
        var hosts = new DeniedHosts(Optional.empty(), Optional.empty(), Optional.ofNullable(setting), listensOn);
        ProblemException refused = catchThrowableOfType(
                ProblemException.class, () -> hosts.check(Outgoing.get(java.net.URI.create("http://10.0.0.1/"))));
        assertThat(refused == null).isEqualTo(allowed);
    }

    @Test
    void aSettingThatIsNeitherIsToldAtTheStart() {
        ProblemException failed = catchThrowableOfType(
                ProblemException.class,
                () -> new DeniedHosts(Optional.empty(), Optional.empty(), Optional.of("deny"), "127.0.0.1"));
        assertThat(failed.problem().oneLine()).contains("SL1007", "sluice.http.private-addresses", "'deny'");
    }
}

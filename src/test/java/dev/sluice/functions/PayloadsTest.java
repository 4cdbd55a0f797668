package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadsTest {
    private HttpServer server;
    private Payloads payloads;
    private int status = 200;
    private byte[] served = Documents.utf8("hello");
    private String path = "";

    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            path = exchange.getRequestURI().getPath();
            exchange.sendResponseHeaders(status, served.length == 0 ? -1 : served.length);
            try (var body = exchange.getResponseBody()) {
                body.write(served);
            } catch (java.io.IOException abandoned) {
                // The reader takes no more than its limit.
            }
        });
        server.start();
        payloads = new Payloads("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/payloads");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String ref(byte[] bytes) throws Exception {
        return "sha256-"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private Problem refuse(String ref) {
        return catchThrowableOfType(ProblemException.class, () -> payloads.fetch(ref, "a.txt"))
                .problem();
    }

    @Test
    void aPayloadIsFetchedByItsReference() throws Exception {
        String ref = ref(served);
        assertThat(payloads.fetch(ref, "a.txt")).isEqualTo(served);
        assertThat(path).isEqualTo("/v1/payloads/" + ref);
    }

    @Test
    void bytesThatAreNotThoseOfTheReferenceAreFetchedAgain() throws Exception {
        Problem problem = refuse(ref(Documents.utf8("other")));
        assertThat(problem.code()).isEqualTo(Code.SL4003.name());
        assertThat(problem.retryable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"404, false", "410, false", "500, true", "503, true", "302, true"})
    void aMissingPayloadIsFinalAndATroubledStoreIsNot(int answered, boolean retryable) throws Exception {
        status = answered;
        Problem problem = refuse(ref(served));
        assertThat(problem.code()).isEqualTo(Code.SL4007.name());
        assertThat(problem.retryable()).isEqualTo(retryable);
    }

    @Test
    void aStoreThatDoesNotAnswerIsTriedAgain() throws Exception {
        server.stop(0);
        Problem problem = refuse(ref(served));
        assertThat(problem.code()).isEqualTo(Code.SL4007.name());
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void aPayloadAboveTheLimitIsNotReadToItsEnd() throws Exception {
        served = new byte[DocumentReader.DOCUMENT_BYTES_MAX + 1];
        assertThat(refuse(ref(served)).code()).isEqualTo(Code.SL4006.name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256-",
                "../secrets",
                "sha256-ABCDEF0000000000000000000000000000000000000000000000000000000000",
                "http://example.org/sha256-0000000000000000000000000000000000000000000000000000000000000000"
            })
    void whatIsNoReferenceIsNeverAskedFor(String ref) {
        assertThat(refuse(ref).code()).isEqualTo(Code.SL4008.name());
        assertThat(path).isEmpty();
    }
}

package dev.sluice.store;

import static dev.sluice.store.RealStore.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.workflow.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadsTest {
    /** The SHA-256 of "hello". */
    private static final String HELLO = "sha256-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    private Path directory;

    private Payloads payloads() {
        return new Payloads(directory);
    }

    private long files() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void aSmallPayloadTravelsInline() throws IOException {
        assertThat(payloads().pack(json("{a: 1}"))).isEqualTo("{\"a\":1}");
        assertThat(files()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ä", "€", "𝄞"})
    void whatIsLargerThanTheLimitInBytesTravelsByReference(String character) {
        int bytes = character.getBytes(StandardCharsets.UTF_8).length;
        var within = new TextNode(character.repeat((Payloads.INLINE_BYTES_MAX - 2) / bytes));
        var beyond = new TextNode(character.repeat(Payloads.INLINE_BYTES_MAX / bytes + 1));
        assertThat(payloads().pack(within)).startsWith("\"");
        assertThat(payloads().pack(beyond)).startsWith("@sha256-");
    }

    @Test
    void whatIsUnpackedIsWhatWasPacked() {
        for (var value : new TextNode[] {new TextNode("@"), new TextNode("€".repeat(20_000)), new TextNode("")}) {
            assertThat(payloads().unpack(payloads().pack(value))).isEqualTo(value);
        }
    }

    @Test
    void theSameContentIsStoredOnceUnderTheNameOfItsHash() throws IOException {
        byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
        Path upload = Files.write(directory.resolve("upload"), hello);
        assertThat(payloads().put(hello)).isEqualTo(payloads().put(upload)).isEqualTo(HELLO);
        Files.delete(upload);
        assertThat(files()).isEqualTo(1);
    }

    @Test
    void aStoredPayloadIsFound() {
        payloads().put("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(payloads().find(HELLO)).get().satisfies(p -> assertThat(p).hasContent("hello"));
    }

    @Test
    void anUnknownPayloadIsNotFound() {
        assertThat(payloads().find(HELLO)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "../secret",
                "sha256-",
                "sha256-../../../../etc/passwd",
                "sha256-zz",
                "sha256-2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
                "sha256-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n",
                "sha256-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824/.."
            })
    void whatIsNotAReferenceLeadsNowhere(String ref) {
        assertThat(payloads().find(ref)).isEmpty();
        assertThatThrownBy(() -> payloads().unpackBytes("@" + ref)).isInstanceOf(ProblemException.class);
    }

    @Test
    void aPayloadThatIsGoneIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> payloads().unpack("@" + HELLO))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(HELLO);
    }

    @Test
    void inputsThatDifferOnlyInTheOrderOfTheirMembersAreTheSame() {
        assertThat(Payloads.hash(json("{a: 1, b: {c: 2, d: 3}}")))
                .isEqualTo(Payloads.hash(json("{b: {d: 3, c: 2}, a: 1}")))
                .isNotEqualTo(Payloads.hash(json("{a: 1, b: {c: 3, d: 2}}")));
    }

    @Test
    void whatAnotherProcessKeepsIsSentThereAndReadFromThere() throws IOException {
        Map<String, byte[]> kept = new ConcurrentHashMap<>();
        HttpServer host = keeper(kept);
        try {
            var payloads = new Payloads(directory, Optional.of(url(host)));
            Path file = Files.writeString(Files.createTempFile("hello", null), "hello");
            assertThat(payloads.put(file)).isEqualTo(HELLO);
            String packed = payloads.pack(new TextNode("x".repeat(20_000)));
            assertThat(kept).containsOnlyKeys(HELLO, packed.substring(1));
            assertThat(payloads.unpack(packed)).isEqualTo(new TextNode("x".repeat(20_000)));
            assertThat(payloads.fetch(HELLO).orElseThrow()).hasContent("hello");
            assertThat(payloads.fetch("sha256-" + "0".repeat(64))).isEmpty();
            assertThat(files()).isZero();
        } finally {
            host.stop(0);
        }
    }

    @Test
    void aPayloadThatIsNotThereIsToldFromAHostThatDoesNotAnswer() throws IOException {
        HttpServer host = keeper(Map.of());
        var payloads = new Payloads(directory, Optional.of(url(host)));
        assertThatThrownBy(() -> payloads.unpack("@" + HELLO)).hasCauseInstanceOf(NoSuchFileException.class);
        host.stop(0);
        assertThatThrownBy(() -> payloads.unpack("@" + HELLO)).hasCauseInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> payloads.put(new byte[1])).isInstanceOf(UncheckedIOException.class);
    }

    private static URI url(HttpServer host) {
        return URI.create("http://127.0.0.1:" + host.getAddress().getPort() + "/v1/payloads");
    }

    private static HttpServer keeper(Map<String, byte[]> kept) throws IOException {
        HttpServer host = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        host.createContext("/v1/payloads/", exchange -> {
            String ref = exchange.getRequestURI().getPath().substring("/v1/payloads/".length());
            if (exchange.getRequestMethod().equals("PUT")) {
                kept.put(ref, exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(204, -1);
            } else if (kept.containsKey(ref)) {
                exchange.sendResponseHeaders(200, kept.get(ref).length);
                exchange.getResponseBody().write(kept.get(ref));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
            exchange.close();
        });
        host.start();
        return host;
    }
}

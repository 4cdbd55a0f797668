package dev.sluice.functions;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A caller that goes away takes what it asked for with it: real HTTP before and behind the functions. */
@QuarkusTest
@TestProfile(AbortTest.SilentModel.class)
class AbortTest {
    public static final class SilentModel implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "sluice.roles", "functions",
                    "quarkus.http.test-port", "0",
                    "test.model.port", String.valueOf(freePort()),
                    "sluice.inference.model", "silent",
                    "sluice.inference.endpoints.silent.url", "http://127.0.0.1:${test.model.port}/v1",
                    "sluice.inference.endpoints.silent.model", "none",
                    "sluice.inference.endpoints.silent.input-price", "0",
                    "sluice.inference.endpoints.silent.output-price", "0");
        }

        private static int freePort() {
            try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @ConfigProperty(name = "test.model.port")
    int modelPort;

    private static Socket post(String function, String input) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        byte[] body = input.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        String head = "POST / HTTP/1.1\r\nHost: localhost\r\nce-specversion: 1.0\r\nce-id: r-1|/do/0/a|1\r\n"
                + "ce-source: /runs/r-1\r\nce-type: " + function + "\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    void anHttpCallInFlightIsClosedWhenItsCallerGoesAway() throws Exception {
        try (RawServer upstream = RawServer.waiting("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) {
            String input = "{'method': 'get', 'endpoint': {'uri': '%s'}}".formatted(upstream.url("/"));
            try (Socket caller = post("http", input)) {
                assertThat(upstream.isReached()).isTrue();
                assertThat(caller.isConnected()).isTrue();
            }
            assertThat(upstream.isClosedWithin(2)).isTrue();
        }
    }

    @Test
    void aModelCallInFlightIsClosedWhenItsCallerGoesAway() throws Exception {
        try (RawServer model = RawServer.waitingAt(modelPort, "")) {
            try (Socket caller = post("classify", "{'text': 'Total 119 EUR'}")) {
                assertThat(model.isReached()).isTrue();
                assertThat(caller.isConnected()).isTrue();
            }
            assertThat(model.isClosedWithin(2)).isTrue();
        }
    }

    @Test
    void theSameAttemptOfAnotherCallerGoesOn() throws Exception {
        try (RawServer first = RawServer.waiting("");
                RawServer second = RawServer.waiting("")) {
            String input = "{'method': 'get', 'endpoint': {'uri': '%s'}}";
            try (Socket stays = post("http", input.formatted(second.url("/")))) {
                try (Socket goes = post("http", input.formatted(first.url("/")))) {
                    assertThat(first.isReached() && second.isReached()).isTrue();
                    assertThat(goes.isConnected()).isTrue();
                }
                assertThat(first.isClosedWithin(2)).isTrue();
                assertThat(second.isClosedWithin(1)).isFalse();
                assertThat(stays.isConnected()).isTrue();
            }
            assertThat(second.isClosedWithin(2)).isTrue();
        }
    }
}

package dev.sluice.inference;

import static dev.sluice.inference.GatewayRig.account;
import static dev.sluice.inference.GatewayRig.call;
import static dev.sluice.inference.GatewayRig.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.workflow.ProblemException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that come as they are made. */
@QuarkusTest
@TestProfile(ModelsTest.NoServices.class)
class GatewayStreamTest {
    private static final String CHUNKS = """
            data: {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Good "}}]}

            : a comment
            data: {"id": "c1", "choices": [{"index": 0, "delta": {"content": "day"}}]}

            data: {"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

            data: {"id": "c1", "choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 200}}

            """;

    /** What a reader has seen. */
    private static final class Reader implements Gateway.Sink {
        final List<String> events = new ArrayList<>();
        String endpoint = "";
        int patience = Integer.MAX_VALUE;

        @Override
        public void begin(String from, String model) {
            assertThat(endpoint).as("begun once").isEmpty();
            endpoint = from;
        }

        @Override
        public void event(String data) {
            if (events.size() == patience) throw new ReaderGone();
            events.add(data);
        }
    }

    @Inject
    Vertx vertx;

    private GatewayRig rig;
    private final Reader reader = new Reader();

    @BeforeEach
    void start() {
        rig = new GatewayRig(vertx);
        stream(rig.a, CHUNKS + "data: [DONE]\n\n");
        stream(rig.b, CHUNKS.replace("Good", "Fair") + "data: [DONE]\n\n");
    }

    private static void stream(StubEndpoint stub, String body) {
        stub.headers = Map.of("Content-Type", "text/event-stream");
        stub.body = body;
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void theEventsArePassedOnAndTheWholeIsKept() {
        Completion completion = rig.gateway().complete(call("x", account(1)), reader);
        assertThat(reader.endpoint).isEqualTo("a");
        assertThat(reader.events).hasSize(4);
        assertThat(text(completion)).isEqualTo("Good day");
        assertThat(completion.usage().costMicros()).isEqualTo(3_000);
        assertThat(rig.a.requests.getFirst().at("/stream_options/include_usage").asBoolean())
                .isTrue();
        assertThat(rig.lines())
                .singleElement()
                .satisfies(line -> assertThat(line.costMicros()).isEqualTo(3_000));
    }

    @Test
    void theNextAttemptGetsTheSameAnswerAsAStreamAgain() {
        rig.gateway().complete(call("x", account(1)), reader);
        var again = new Reader();
        Completion completion = rig.gateway().complete(call("x", account(2)), again);
        assertThat(completion.source()).isEqualTo(Completion.Source.JOURNAL);
        var answer = new StreamedAnswer();
        again.events.forEach(event -> answer.add(Texts.json(event)));
        assertThat(answer.isWhole()).isTrue();
        assertThat(answer.whole().at("/choices/0/message/content").asText()).isEqualTo("Good day");
        assertThat(rig.a.requests).hasSize(1);
    }

    @Test
    void anotherEndpointIsAskedBeforeAnythingWasPassedOn() {
        rig.a.status = 503;
        rig.a.headers = Map.of();
        assertThat(text(rig.gateway().complete(call("x"), reader))).isEqualTo("Fair day");
        assertThat(reader.endpoint).isEqualTo("b");
    }

    @Test
    void aFirstTokenThatDoesNotComeInTimeSendsTheCallToAnotherEndpoint() {
        rig.a.silent = true;
        Gateway gateway = rig.gateway("endpoints.a.first-token-timeout", "200ms");
        assertThat(text(gateway.complete(call("x"), reader))).isEqualTo("Fair day");
    }

    @Test
    void noOtherEndpointCanGoOnWithAnAnswerThatBrokeOff() {
        stream(rig.a, CHUNKS.substring(0, CHUNKS.indexOf(": a comment")));
        ProblemException failed = catchThrowableOfType(
                ProblemException.class, () -> rig.gateway().complete(call("x", account(1)), reader));
        assertThat(failed.problem().code()).isEqualTo("SL5002");
        assertThat(failed.problem().retryable()).isTrue();
        assertThat(reader.events).hasSize(1);
        assertThat(rig.b.requests).isEmpty();
        assertThat(rig.lines())
                .singleElement()
                .satisfies(line -> assertThat(line.uncertainMicros()).isPositive());
    }

    @Test
    void anErrorWithinAStreamIsAnError() {
        stream(rig.a, "data: {\"error\": {\"message\": \"overloaded\"}}\n\n");
        assertThat(text(rig.gateway().complete(call("x"), reader))).isEqualTo("Fair day");
    }

    @Test
    void aReaderThatWentAwayEndsTheCall() {
        reader.patience = 1;
        ReaderGone gone =
                catchThrowableOfType(ReaderGone.class, () -> rig.gateway().complete(call("x", account(1)), reader));
        assertThat(gone).isNotNull();
        assertThat(rig.lines()).singleElement().satisfies(line -> {
            assertThat(line.outcome()).isEqualTo("cancelled");
            assertThat(line.uncertainMicros()).isPositive();
        });
    }

    @Test
    void aLongStreamIsReadNoFasterThanItsReader() {
        var many = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            many.append("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"")
                    .append(i % 10)
                    .append("\"}}]}\n\n");
        }
        stream(rig.a, many + CHUNKS + "data: [DONE]\n\n");
        Completion completion = rig.gateway().complete(call("x"), reader);
        assertThat(text(completion)).hasSize(5_008).startsWith("0123456789").endsWith("Good day");
        assertThat(reader.events).hasSize(5_004);
    }

    @Test
    void anAnswerThatEndedInAnErrorWasGoneOnWithByAnotherEndpoint() {
        String first = CHUNKS.substring(0, CHUNKS.indexOf(": a comment"));
        stream(rig.a, first + "data: {\"error\": {\"message\": \"overloaded\"}}\n\n");
        ProblemException failed = catchThrowableOfType(
                ProblemException.class, () -> rig.gateway().complete(call("x", account(1)), reader));
        assertThat(failed.problem().code()).isEqualTo("SL5002");
        assertThat(rig.b.requests).isEmpty();
        assertThat(rig.lines())
                .singleElement()
                .satisfies(line -> assertThat(line.uncertainMicros()).isPositive());
    }

    @Test
    void anAnswerThatAFilterEndedWasGoneOnWithByAnotherEndpoint() {
        stream(rig.a, """
                data: {"id": "c1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}

                data: {"id": "c1", "choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}

                data: [DONE]

                """);
        rig.gateway().complete(call("x", account(1)), reader);
        assertThat(reader.endpoint).isEqualTo("a");
        assertThat(rig.b.requests).isEmpty();
    }

    @Test
    void whatAnEndpointSentAheadOfItsReaderFilledTheMemory() throws Exception {
        var sent = new java.util.concurrent.atomic.AtomicLong();
        var server = com.sun.net.httpserver.HttpServer.create(
                new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
        byte[] event = ("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"" + "x".repeat(20_000)
                        + "\"}}]}\n\n")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                for (int i = 0; i < 10_000; i++) {
                    exchange.getResponseBody().write(event);
                    sent.addAndGet(event.length);
                }
            }
        });
        server.start();
        var held = new java.util.concurrent.CountDownLatch(1);
        var slow = new Gateway.Sink() {
            @Override
            public void begin(String endpoint, String model) {}

            @Override
            public void event(String data) {
                try {
                    held.await();
                } catch (InterruptedException e) {
                    throw new ReaderGone();
                }
            }
        };
        Gateway gateway = rig.gateway(
                "routes.smart.endpoints",
                "a",
                "endpoints.a.url",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
        Thread call = Thread.ofVirtual()
                .start(() -> catchThrowableOfType(RuntimeException.class, () -> gateway.complete(call("x"), slow)));
        var before = new java.util.concurrent.atomic.AtomicLong(-1);
        org.awaitility.Awaitility.await("the endpoint to send no more")
                .pollInterval(Duration.ofMillis(500))
                .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
        long early = sent.get();
        call.interrupt();
        server.stop(0);
        // 256 lines of 20 KB, and what sockets hold.
        assertThat(early).isPositive().isLessThan(40_000_000);
    }
}

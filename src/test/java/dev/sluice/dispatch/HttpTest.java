package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.queue.RealRedis;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Http http = new Http(RealRedis.VERTX);

    @AfterEach
    void close() {
        http.close();
    }

    private Http.Answer post(URI url, Duration timeout) {
        return http.post(url, Map.of("ce-id", "1"), "{}".getBytes(), timeout);
    }

    private Problem failure(URI url, Duration timeout) {
        return catchThrowableOfType(ProblemException.class, () -> post(url, timeout))
                .problem();
    }

    private Problem failure(Consumer<HttpServerRequest> function) {
        HttpServer server = RealRedis.VERTX.createHttpServer().requestHandler(function::accept);
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
        try {
            return failure(URI.create("http://127.0.0.1:" + server.actualPort()), TIMEOUT);
        } finally {
            server.close();
        }
    }

    @Test
    void theAnswerComesWhole() {
        try (var function = new FunctionServer()) {
            var answer = post(function.url(), TIMEOUT);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers().get("Content-Type")).isEqualTo("application/json");
            assertThat(answer.body()).asString().isEqualTo("{\"ok\":true}");
        }
    }

    @Test
    void aFunctionThatNobodyWaitsForAnyMoreLearnsOfItByItsConnection() throws Exception {
        try (var function = new FunctionServer()) {
            function.prompt = false;
            var problem = failure(function.url(), Duration.ofMillis(200));
            assertThat(problem.code()).isEqualTo("SL4011");
            assertThat(problem.retryable()).isTrue();
            function.abandoned.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void theTimeoutCountsToTheLastByte() {
        try (var function = new FunctionServer()) {
            function.prompt = false;
            assertThat(failure(function.url(), Duration.ofMillis(300)).detail()).contains("no answer from");
        }
    }

    @Test
    void nobodyListeningIsAFailureThatMayPass() throws IOException {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var problem = failure(URI.create("http://127.0.0.1:" + port), TIMEOUT);
        assertThat(problem.code()).isEqualTo("SL4010");
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void aConnectionThatBreaksIsAFailureThatMayPass() {
        var problem = failure(request -> request.connection().close());
        assertThat(problem.code()).isEqualTo("SL4043");
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void anAnswerThatBreaksOffIsAFailureThatMayPass() {
        var problem = failure(request -> request.response()
                .setChunked(true)
                .write("{")
                .onComplete(sent -> request.connection().close()));
        assertThat(problem.code()).isEqualTo("SL4043");
        assertThat(problem.retryable()).isTrue();
    }

    @Test
    void anAnswerBeyondTheLimitIsRefusedForGood() {
        var problem =
                failure(request -> request.response().end(Buffer.buffer(new byte[AnswerReader.ANSWER_BYTES_MAX + 1])));
        assertThat(problem.code()).isEqualTo("SL4013");
        assertThat(problem.retryable()).isFalse();
    }
}

package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Demands;
import dev.sluice.queue.Keys;
import dev.sluice.queue.RealRedis;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.redis.client.Command;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As KEDA's client, which knows beforehand that it is HTTP/2, over a connection of its own. */
class ScalerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RealRedis redis = RealRedis.empty();
    private final Scaler scaler =
            new Scaler(RealRedis.VERTX, Demands.of(redis), Clock.fixed(RealRedis.T0, ZoneOffset.UTC), 0);
    private final HttpClient client = RealRedis.VERTX.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    private int port;

    @BeforeEach
    void listen() {
        port = scaler.listen(0).toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        client.close();
        scaler.stop();
    }

    private static Buffer frame(Buffer message) {
        return Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message);
    }

    private static Buffer scaledObject(String key, String value) {
        return new Proto()
                .text(1, "dispatcher")
                .text(2, "sluice")
                .message(3, new Proto().text(1, key).text(2, value))
                .buffer();
    }

    private record Answered(HttpClientResponse response, Buffer body) {}

    private Answered call(String method, Buffer body) {
        return client.request(HttpMethod.POST, port, "127.0.0.1", Scaler.SERVICE + method)
                .compose(request ->
                        request.putHeader("content-type", "application/grpc").send(body))
                .compose(response -> response.body().map(bytes -> new Answered(response, bytes)))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** The message of an answer that ended well. */
    private Buffer ask(String method) {
        Answered answered = call(method, frame(scaledObject("target", "50")));
        assertThat(answered.response().version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(answered.response().getHeader("content-type")).isEqualTo("application/grpc");
        assertThat(answered.response().getTrailer("grpc-status")).isEqualTo("0");
        Buffer body = answered.body();
        assertThat(body.getInt(1)).isEqualTo(body.length() - 5);
        return body.getBuffer(5, body.length());
    }

    @Test
    void isNotActiveWhileThereIsNothingToDo() {
        assertThat(ask("IsActive")).isEqualTo(Buffer.buffer());
    }

    @Test
    void isActiveWhenATaskWaits() {
        redis.send(Command.SET, Keys.depth(RealRedis.P), 1);
        assertThat(ask("IsActive").getBytes()).containsExactly(8, 1);
    }

    @Test
    void theTargetOfTheTriggerIsTheMetricsTarget() {
        assertThat(ask("GetMetricSpec"))
                .isEqualTo(new Proto()
                        .message(
                                1,
                                new Proto()
                                        .text(1, "sluice-demand")
                                        .number(2, 50)
                                        .real(3, 50))
                        .buffer());
    }

    @Test
    void theMetricIsHowMuchThereIsToDo() {
        redis.send(Command.SET, Keys.depth(RealRedis.P), 300);
        Buffer value = Proto.read(ask("GetMetrics")).get(1).getFirst();
        assertThat(value)
                .isEqualTo(new Proto()
                        .text(1, "sluice-demand")
                        .number(2, 300)
                        .real(3, 300)
                        .buffer());
    }

    @Test
    void aWatcherIsToldNowAndWhenItChanges() throws InterruptedException {
        BlockingQueue<Buffer> told = new LinkedBlockingQueue<>();
        client.request(HttpMethod.POST, port, "127.0.0.1", Scaler.SERVICE + "StreamIsActive")
                .compose(request -> request.send(frame(scaledObject("a", "b"))))
                .onSuccess(response -> response.handler(told::add));
        assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(frame(Buffer.buffer()));
        redis.send(Command.SET, Keys.depth(RealRedis.P), 1);
        assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(frame(Buffer.buffer(new byte[] {8, 1})));
        redis.send(Command.SET, Keys.depth(RealRedis.P), 0);
        assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(frame(Buffer.buffer()));
    }

    @Test
    void whatItDoesNotKnowIsUnimplementedAndWhatIsNoMessageIsRefused() {
        assertThat(call("StreamMetricSpec", frame(Buffer.buffer())).response().getHeader("grpc-status"))
                .isEqualTo("12");
        for (Buffer broken : List.of(Buffer.buffer("x"), frame(Buffer.buffer(new byte[] {26, 99})))) {
            assertThat(call("GetMetricSpec", broken).response().getHeader("grpc-status"))
                    .isEqualTo("3");
        }
    }
}

package dev.sluice.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.queue.RealRedis;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections are shared, kept and given up, against real servers of both versions. */
class ConnectionsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int CONNECTIONS_MAX = 8;

    private final List<HttpServerRequest> held = new CopyOnWriteArrayList<>();
    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
    private final List<HttpConnection> made = new CopyOnWriteArrayList<>();
    private volatile Consumer<HttpServerRequest> handler = ConnectionsTest::answer;
    private final HttpServer server = listen();
    private Http http = new Http(RealRedis.VERTX);

    @AfterEach
    void close() {
        http.close();
        server.close();
    }

    private HttpServer listen() {
        return RealRedis.VERTX
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .connectionHandler(connection -> {
                    made.add(connection);
                    open.add(connection);
                    connection.closeHandler(closed -> open.remove(connection));
                })
                .requestHandler(request -> request.endHandler(end -> handler.accept(request)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static void answer(HttpServerRequest request) {
        request.response().end("{\"version\":\"" + request.version() + "\"}");
    }

    private Address.Endpoint endpoint(String name, Address.Protocol protocol) {
        var url = URI.create("http://127.0.0.1:" + server.actualPort() + "/in");
        return new Address.Endpoint(name, url, protocol, CONNECTIONS_MAX);
    }

    private CompletableFuture<Http.Answer> ask(Address.Endpoint endpoint, CompletableFuture<Void> end) {
        return http.ask(endpoint, HttpHeaders.headers().add("ce-id", "1"), "{}".getBytes(), TIMEOUT, end);
    }

    private CompletableFuture<Http.Answer> ask(Address.Protocol protocol) {
        return ask(endpoint("f", protocol), new CompletableFuture<>());
    }

    private String body(Address.Protocol protocol) {
        return new String(ask(protocol).join().body());
    }

    @Test
    void aFunctionOfHttp2IsAskedWithoutAnUpgrade() {
        handler = request -> {
            assertThat(request.getHeader("upgrade")).isNull();
            answer(request);
        };
        assertThat(body(Address.Protocol.H2C)).contains(HttpVersion.HTTP_2.name());
        assertThat(body(Address.Protocol.HTTP_1_1)).contains(HttpVersion.HTTP_1_1.name());
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionIsUsedAgain(Address.Protocol protocol) {
        for (int i = 0; i < 20; i++) body(protocol);
        assertThat(made).hasSize(1);
    }

    @Test
    void oneConnectionOfHttp2CarriesManyRequestsAtTheSameTime() {
        handler = held::add;
        var answers = new ArrayList<CompletableFuture<Http.Answer>>();
        for (int i = 0; i < 50; i++) answers.add(ask(Address.Protocol.H2C));
        await().until(() -> held.size() == 50);
        assertThat(made).hasSize(1);
        held.forEach(ConnectionsTest::answer);
        answers.forEach(CompletableFuture::join);
    }

    @Test
    void connectionsOfHttp1AreAsManyAsTheWindowMayHave() {
        handler = held::add;
        for (int i = 0; i < 2 * CONNECTIONS_MAX; i++) ask(Address.Protocol.HTTP_1_1);
        await().until(() -> held.size() == CONNECTIONS_MAX);
        held.forEach(ConnectionsTest::answer);
        await().until(() -> held.size() == 2 * CONNECTIONS_MAX);
        assertThat(made).hasSize(CONNECTIONS_MAX);
    }

    @Test
    void aFunctionThatUsesUpItsConnectionsDoesNotTakeThoseOfAnother() {
        handler = held::add;
        for (int i = 0; i < 2 * CONNECTIONS_MAX; i++) ask(Address.Protocol.HTTP_1_1);
        await().until(() -> held.size() == CONNECTIONS_MAX);
        handler = ConnectionsTest::answer;
        assertThat(ask(endpoint("other", Address.Protocol.HTTP_1_1), new CompletableFuture<>())
                        .join()
                        .status())
                .isEqualTo(200);
    }

    @Test
    void givingUpARequestOfHttp2ClosesItsStreamAndNoOther() {
        handler = held::add;
        var end = new CompletableFuture<Void>();
        var given = ask(endpoint("f", Address.Protocol.H2C), end);
        await().until(() -> held.size() == 1);
        var closed = new CompletableFuture<Throwable>();
        held.getFirst().response().exceptionHandler(closed::complete);
        var kept = ask(Address.Protocol.H2C);
        await().until(() -> held.size() == 2);

        end.complete(null);
        await().until(closed::isDone);
        assertThat(given).isCancelled();

        answer(held.get(1));
        assertThat(kept.join().status()).isEqualTo(200);
        assertThat(open).hasSize(1);
    }

    @Test
    void givingUpARequestOfHttp1ClosesItsConnection() {
        handler = held::add;
        var end = new CompletableFuture<Void>();
        ask(endpoint("f", Address.Protocol.HTTP_1_1), end);
        await().until(() -> held.size() == 1);
        end.complete(null);
        await().until(open::isEmpty);
    }

    @ParameterizedTest
    @EnumSource
    void connectionsThatAreOldAreReplacedAndClosed(Address.Protocol protocol) {
        http.close();
        http = new Http(RealRedis.VERTX, LargeAnswers.ofThisProcess(), Duration.ZERO);
        for (int i = 0; i < 6; i++) assertThat(ask(protocol).join().status()).isEqualTo(200);
        assertThat(made).hasSize(6);
        await().until(() -> open.size() <= 1);
    }

    @Test
    void aStreamThatIsUnderWayOutlivesItsOldConnection() {
        http.close();
        http = new Http(RealRedis.VERTX, LargeAnswers.ofThisProcess(), Duration.ZERO);
        handler = held::add;
        var slow = ask(Address.Protocol.H2C);
        await().until(() -> held.size() == 1);
        handler = ConnectionsTest::answer;
        for (int i = 0; i < 5; i++)
            assertThat(ask(Address.Protocol.H2C).join().status()).isEqualTo(200);
        assertThat(made.size()).isGreaterThan(1);
        answer(held.getFirst());
        assertThat(slow.join().status()).isEqualTo(200);
    }
}

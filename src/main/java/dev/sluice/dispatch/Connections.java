package dev.sluice.dispatch;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.VertxInternal;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The connections to one endpoint. All of them live on one event loop, on which a request goes out and its answer comes
 * in without another thread.
 */
final class Connections {
    private static final int CONNECT_MILLIS_MAX = 5_000;

    /** 4 s: uvicorn and Node close what was idle for 5 s, and a request that crosses the close is lost. */
    private static final int IDLE_SECONDS = 4;

    /**
     * 60 s: a Service of Kubernetes spreads connections, not requests, over its pods; pods that were added get their
     * share within this time.
     */
    static final Duration LIFETIME = Duration.ofSeconds(60);

    private static final int HEADERS_BYTES_MAX = 64 * 1024;

    /** 100 streams, as most servers have it (RFC 9113, 6.5.2); with more a further connection is made. */
    private static final int STREAMS_MAX = 100;

    private final HttpClient client;
    private final Address.Protocol protocol;
    private final Context context;
    private final Vertx vertx;
    private final RequestOptions target;
    private final long lifetimeNanos;
    /** When each connection is old, by {@code System.nanoTime}. */
    private final Map<HttpConnection, Long> oldAt = new ConcurrentHashMap<>();

    Connections(Vertx vertx, Address.Endpoint endpoint, Duration lifetime) {
        this.vertx = vertx;
        this.protocol = endpoint.protocol();
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.client = vertx.createHttpClient(options(endpoint));
        this.lifetimeNanos = lifetime.toNanos();
        URI url = endpoint.url();
        this.target = new RequestOptions().setAbsoluteURI(url.toString()).setMethod(HttpMethod.POST);
    }

    private static HttpClientOptions options(Address.Endpoint endpoint) {
        var options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS_MAX)
                .setKeepAliveTimeout(IDLE_SECONDS)
                .setHttp2KeepAliveTimeout(IDLE_SECONDS)
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                .setInitialSettings(new Http2Settings().setMaxHeaderListSize(HEADERS_BYTES_MAX))
                .setMaxPoolSize(endpoint.connections());
        return switch (endpoint.protocol()) {
            case HTTP_1_1 -> options;
            case H2C ->
                options.setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setHttp2MultiplexingLimit(STREAMS_MAX)
                        .setHttp2MaxPoolSize(endpoint.connections());
        };
    }

    Context context() {
        return context;
    }

    Vertx vertx() {
        return vertx;
    }

    /** On {@link #context}. */
    io.vertx.core.Future<HttpClientRequest> request(MultiMap headers) {
        return client.request(new RequestOptions(target).setHeaders(headers)).map(this::aged);
    }

    /** An old connection takes this request and no more. */
    private HttpClientRequest aged(HttpClientRequest request) {
        HttpConnection connection = request.connection();
        long now = System.nanoTime();
        Long old = oldAt.get(connection);
        if (old == null) {
            oldAt.put(connection, now + lifetimeNanos);
            connection.closeHandler(closed -> oldAt.remove(connection));
        } else if (now - old > 0) {
            retire(request, connection);
        }
        return request;
    }

    private void retire(HttpClientRequest request, HttpConnection connection) {
        switch (protocol) {
            case HTTP_1_1 -> request.putHeader("connection", "close");
            case H2C -> {
                oldAt.put(connection, Long.MAX_VALUE);
                connection.shutdown(1, TimeUnit.DAYS);
            }
        }
    }

    void close() {
        client.close();
    }
}

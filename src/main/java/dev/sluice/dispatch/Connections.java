package dev.sluice.dispatch;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;

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

    /** 100 streams, as most servers have it (RFC 9113, 6.5.2); for more a further connection is made. */
    private static final int STREAMS_MAX = 100;

    private final Vertx vertx;
    private final Address.Endpoint endpoint;
    private final Context context;
    private final RequestOptions target;
    private final long lifetimeNanos;
    private Pool current;

    Connections(Vertx vertx, Address.Endpoint endpoint, Duration lifetime) {
        this.vertx = vertx;
        this.endpoint = endpoint;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.target =
                new RequestOptions().setAbsoluteURI(endpoint.url().toString()).setMethod(HttpMethod.POST);
        this.lifetimeNanos = lifetime.toNanos();
        this.current = new Pool();
    }

    private HttpClientOptions options() {
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
                        .setHttp2MaxPoolSize(Math.ceilDiv(endpoint.connections(), STREAMS_MAX));
        };
    }

    Context context() {
        return context;
    }

    Vertx vertx() {
        return vertx;
    }

    /** For one request, on {@link #context}. */
    Pool lease() {
        if (System.nanoTime() - current.oldAt > 0) {
            current.retire();
            current = new Pool();
        }
        current.requests++;
        return current;
    }

    /**
     * Connections of about the same age. When they are old, others take their place, and the last request closes them.
     */
    final class Pool {
        private final HttpClient client = vertx.createHttpClient(options());
        private final long oldAt = System.nanoTime() + lifetimeNanos;
        /** Leased and not given back. */
        private int requests;

        private boolean retired;

        Future<HttpClientRequest> request(MultiMap headers) {
            return client.request(new RequestOptions(target).setHeaders(headers));
        }

        void giveBack() {
            requests--;
            if (retired && requests == 0) client.close();
        }

        private void retire() {
            retired = true;
            if (requests == 0) client.close();
        }
    }

    void close() {
        context.runOnContext(v -> current.client.close());
    }
}

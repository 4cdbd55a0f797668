package dev.sluice.inference;

import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.client.api.QuarkusRestClientProperties;

/** Makes the HTTP clients of endpoints. TLS is verified against the trust store of the JVM. */
final class ModelClients {
    /** Four seconds: below the five after which common model servers close an idle connection. */
    static final int IDLE_SECONDS_MAX = 4;

    private ModelClients() {}

    /** Built at the first call. */
    static Supplier<ModelClient> lazily(Supplier<URI> url, Endpoint.Timeouts timeouts, int concurrency) {
        AtomicReference<ModelClient> built = new AtomicReference<>();
        return () -> {
            ModelClient client = built.get();
            if (client != null) return client;
            built.compareAndSet(null, build(url.get(), timeouts, concurrency));
            return built.get();
        };
    }

    private static ModelClient build(URI url, Endpoint.Timeouts timeouts, int concurrency) {
        return QuarkusRestClientBuilder.newBuilder()
                .baseUri(url)
                .connectTimeout(timeouts.connect().toMillis(), TimeUnit.MILLISECONDS)
                .readTimeout(timeouts.total().toMillis(), TimeUnit.MILLISECONDS)
                .property(QuarkusRestClientProperties.CONNECTION_POOL_SIZE, concurrency)
                .property(QuarkusRestClientProperties.CONNECTION_TTL, IDLE_SECONDS_MAX)
                .followRedirects(false)
                .disableDefaultMapper(true)
                .build(ModelClient.class);
    }
}

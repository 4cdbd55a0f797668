package dev.sluice.dispatch;

import dev.sluice.workflow.ProblemException;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** POST requests over connections that are kept, of each endpoint by itself. */
@ApplicationScoped
class Http {
    /**
     * 512, of one orchestrator or sink: more than one request for each partition. As with functions, whose window is
     * their bound, no request may wait for a connection: it would go out in the moment in which another one's answer
     * ends, and could take for its answer what a faulty server sends a second time.
     */
    private static final int CONNECTIONS_MAX = 512;

    /**
     * Closed by who has used it, see {@link LargeAnswers}.
     *
     * @param body at most 64 MiB, cut at 64 KiB when the status is no 2xx
     * @param used gives back the room in memory
     */
    record Answer(int status, MultiMap headers, byte[] body, Runnable used) implements AutoCloseable {
        Answer(int status, MultiMap headers, byte[] body) {
            this(status, headers, body, () -> {});
        }

        @Override
        public void close() {
            used.run();
        }
    }

    private final Vertx vertx;
    private final LargeAnswers large;
    private final Duration lifetime;
    private final Map<Address.Endpoint, Connections> connections = new ConcurrentHashMap<>();

    @Inject
    Http(Vertx vertx) {
        this(vertx, LargeAnswers.ofThisProcess());
    }

    Http(Vertx vertx, LargeAnswers large) {
        this(vertx, large, Connections.LIFETIME);
    }

    /** @param lifetime of a connection, after which it takes no more requests */
    Http(Vertx vertx, LargeAnswers large, Duration lifetime) {
        this.vertx = vertx;
        this.large = large;
        this.lifetime = lifetime;
    }

    /**
     * Never blocks.
     *
     * @param timeout from now to the last byte of the answer
     * @param end when it completes, the request is given up and its connection (with h2c: its stream) closed
     * @return completed on an event loop, so that nothing may block in what follows. Fails with a
     *     {@link ProblemException} SL4010 not reachable, SL4011 timed out, SL4013 answer too large, SL4040 name
     *     unknown, SL4041 TLS failed, SL4042 no HTTP, SL4043 broken off, see {@link Unanswered} for which may be tried
     *     again; or with a {@link CancellationException} when {@code end} came before the answer
     */
    CompletableFuture<Answer> ask(
            Address.Endpoint endpoint, MultiMap headers, byte[] body, Duration timeout, CompletionStage<Void> end) {
        var own = connections.get(endpoint);
        if (own == null) own = connections.computeIfAbsent(endpoint, e -> new Connections(vertx, e, lifetime));
        return new Exchange(own, large, endpoint.url(), timeout).begin(headers, body, end);
    }

    /**
     * Blocks until the answer is whole.
     *
     * @param timeout from now to the last byte of the answer
     * @throws ProblemException as {@link #ask}
     */
    Answer post(URI url, Map<String, String> headers, byte[] body, Duration timeout) {
        var endpoint = new Address.Endpoint("", url, Address.Protocol.HTTP_1_1, CONNECTIONS_MAX);
        try {
            return ask(endpoint, HttpHeaders.headers().addAll(headers), body, timeout, new CompletableFuture<>())
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException problem) throw problem;
            throw e;
        }
    }

    @PreDestroy
    void close() {
        connections.values().forEach(Connections::close);
    }
}

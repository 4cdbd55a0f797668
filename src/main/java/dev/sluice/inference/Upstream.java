package dev.sluice.inference;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends one request to one endpoint. Blocks; for virtual threads. Giving up, for its time or by an interrupt, closes
 * the connection: a server may stop computing then.
 *
 * <p>Whole answers come by the REST client. A streamed one comes by Vert.x, because the REST client gives either the
 * head of an answer or its events.
 */
final class Upstream {
    /** 32 MiB: 2,048 embeddings of 1,536 numbers, the most that is asked for at once. */
    private static final int ANSWER_BYTES_MAX = 32 << 20;

    private final Vertx vertx;
    private final Clock clock;
    /** For streamed answers. */
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    Upstream(Vertx vertx, Clock clock) {
        this.vertx = vertx;
        this.clock = clock;
    }

    /** What every request carries. @param exchange its id in the ledger; @param traceparent null: none */
    record Carried(String exchange, String traceparent) {}

    /**
     * A whole answer of 2xx.
     *
     * @param usedUp how long the endpoint's quota is used up, as it says itself
     */
    record Whole(String body, Optional<Duration> usedUp) {}

    /** @throws Failure for every other answer, and for none */
    Whole whole(Endpoint endpoint, Operation operation, byte[] request, Carried carried) {
        ModelClient client = endpoint.client().get();
        String key = endpoint.key().authorization();
        var answer =
                switch (operation) {
                    case CHAT -> client.chat(key, carried.exchange(), carried.traceparent(), request);
                    case EMBEDDINGS -> client.embeddings(key, carried.exchange(), carried.traceparent(), request);
                };
        CompletableFuture<Response> pending = answer.subscribeAsCompletionStage();
        try (Response response = await(endpoint, pending, endpoint.timeouts().total(), "timeout")) {
            String body = response.hasEntity() ? response.readEntity(String.class) : "";
            if (body.length() > ANSWER_BYTES_MAX) {
                throw EndpointFailure.noCompletion(endpoint, "it is larger than 32 MiB");
            }
            if (response.getStatusInfo().getFamily() == Response.Status.Family.SUCCESSFUL) {
                return new Whole(body, Waits.usedUp(response::getHeaderString, clock));
            }
            Duration wait = Waits.asked(response::getHeaderString, body, clock);
            throw EndpointFailure.of(endpoint, response.getStatus(), body, wait);
        } catch (ProcessingException broken) {
            throw EndpointFailure.of(endpoint, broken);
        }
    }

    /** @param setting of the endpoint that says how long {@code most} is */
    static <T> T await(Endpoint endpoint, CompletableFuture<T> pending, Duration most, String setting) {
        try {
            return pending.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException nobodyWaits) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            throw EndpointFailure.aborted(endpoint);
        } catch (TimeoutException late) {
            pending.cancel(true);
            throw EndpointFailure.timedOut(endpoint, most, setting);
        } catch (ExecutionException failed) {
            throw EndpointFailure.of(endpoint, failed);
        }
    }

    /**
     * Begins a streamed answer; returns with its head.
     *
     * @throws Failure for any other answer than 2xx, and for none
     */
    EventStream stream(Endpoint endpoint, Operation operation, byte[] request, Carried carried) {
        URI url = URI.create(endpoint.url().get() + operation.path);
        var opened = new CompletableFuture<EventStream>();
        var sent = new CompletableFuture<HttpClientRequest>();
        client(endpoint)
                .request(options(endpoint, url, carried))
                .onFailure(opened::completeExceptionally)
                .onSuccess(fresh -> {
                    sent.complete(fresh);
                    fresh.send(Buffer.buffer(request))
                            .onFailure(opened::completeExceptionally)
                            .onSuccess(response -> open(endpoint, fresh, response, opened));
                });
        try {
            return await(endpoint, opened, endpoint.timeouts().firstToken(), "first-token-timeout");
        } catch (Failure failure) {
            sent.thenAccept(HttpClientRequest::reset);
            throw failure;
        }
    }

    private void open(
            Endpoint endpoint,
            HttpClientRequest request,
            HttpClientResponse response,
            CompletableFuture<EventStream> opened) {
        if (response.statusCode() / 100 == 2) {
            var usedUp = Waits.usedUp(response::getHeader, clock);
            opened.complete(new EventStream(endpoint, request, response, usedUp));
            return;
        }
        response.body()
                .onFailure(opened::completeExceptionally)
                .map(Buffer::toString)
                .onSuccess(body -> opened.completeExceptionally(EndpointFailure.of(
                        endpoint, response.statusCode(), body, Waits.asked(response::getHeader, body, clock))));
    }

    private static RequestOptions options(Endpoint endpoint, URI url, Carried carried) {
        var options = new RequestOptions()
                .setAbsoluteURI(url.toString())
                .setMethod(HttpMethod.POST)
                .putHeader("content-type", "application/json")
                .putHeader("accept", "text/event-stream")
                .putHeader("x-client-request-id", carried.exchange());
        String key = endpoint.key().authorization();
        if (key != null) options.putHeader("authorization", key);
        if (carried.traceparent() != null) options.putHeader("traceparent", carried.traceparent());
        return options;
    }

    private HttpClient client(Endpoint endpoint) {
        return clients.computeIfAbsent(
                endpoint.name(),
                name -> vertx.createHttpClient(new HttpClientOptions()
                        .setConnectTimeout((int) endpoint.timeouts().connect().toMillis())
                        .setKeepAliveTimeout(ModelClients.IDLE_SECONDS_MAX)
                        .setMaxPoolSize(endpoint.limits().concurrency())));
    }

    void close() {
        clients.values().forEach(HttpClient::close);
    }
}

package dev.sluice.dispatch;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One request and its answer. Everything happens on the event loop of its connections, so that nothing is locked. */
final class Exchange {
    private final Connections connections;
    private final LargeAnswers large;
    private final URI url;
    private final Duration timeout;
    private final CompletableFuture<Http.Answer> answer = new CompletableFuture<>();
    private Connections.Pool pool;
    private HttpClientRequest request;
    private long timer;
    private boolean over;

    Exchange(Connections connections, LargeAnswers large, URI url, Duration timeout) {
        this.connections = connections;
        this.large = large;
        this.url = url;
        this.timeout = timeout;
    }

    /**
     * @param end when it completes, the request is given up and its connection (with h2c: its stream) closed
     * @return completed on the event loop; fails with the exceptions of {@link Http#ask}
     */
    CompletableFuture<Http.Answer> begin(MultiMap headers, byte[] body, CompletionStage<Void> end) {
        connections.context().runOnContext(v -> send(headers, body));
        end.thenRun(() -> connections.context().runOnContext(v -> giveUp(new CancellationException())));
        return answer;
    }

    private void send(MultiMap headers, byte[] body) {
        if (over) return;
        timer = connections
                .vertx()
                .setTimer(Math.max(1, timeout.toMillis()), t -> giveUp(Unanswered.late(url, timeout)));
        pool = connections.lease();
        pool.request(headers)
                .compose(fresh -> {
                    request = fresh;
                    // Nobody waits any more: what waited too long for a connection is not sent.
                    if (over) {
                        fresh.reset();
                        return Future.failedFuture(new CancellationException());
                    }
                    return fresh.send(Buffer.buffer(body))
                            .compose(response -> AnswerReader.read(fresh, response, large));
                })
                .onComplete(this::ended);
    }

    private void ended(AsyncResult<Http.Answer> result) {
        if (over) {
            // It became whole in the very moment in which it was given up.
            if (result.succeeded()) result.result().close();
            return;
        }
        end();
        if (result.succeeded()) answer.complete(result.result());
        else answer.completeExceptionally(Unanswered.because(url, request != null, result.cause()));
    }

    /** Closes the connection, so that the other side learns that nobody waits any more. */
    private void giveUp(RuntimeException reason) {
        if (over) return;
        end();
        if (request != null) request.reset();
        answer.completeExceptionally(reason);
    }

    private void end() {
        over = true;
        // Given up before it was sent.
        if (pool == null) return;
        connections.vertx().cancelTimer(timer);
        pool.giveBack();
    }
}

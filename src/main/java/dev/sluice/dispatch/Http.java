package dev.sluice.dispatch;

import dev.sluice.workflow.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** One POST at a time for a virtual thread, over pooled keep-alive connections. */
@ApplicationScoped
class Http {
    /** 512 a host: above the sum of the windows that share one; windows are the limit, this only catches a mistake. */
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

    private final HttpClient client;
    private final LargeAnswers large;

    @Inject
    Http(Vertx vertx) {
        this(vertx, LargeAnswers.ofThisProcess());
    }

    Http(Vertx vertx, LargeAnswers large) {
        this.large = large;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setConnectTimeout(5_000)
                .setKeepAliveTimeout(60)
                .setMaxHeaderSize(64 * 1024));
    }

    /**
     * @param timeout from now to the last byte of the answer
     * @throws ProblemException SL4010 not reachable, SL4011 timed out, SL4013 answer too large, SL4040 name unknown,
     *     SL4041 TLS failed, SL4042 no HTTP, SL4043 broken off; see {@link Unanswered} for which may be tried again
     */
    Answer post(URI url, Map<String, String> headers, byte[] body, Duration timeout) {
        return post(url, headers, body, timeout, new CompletableFuture<>());
    }

    /**
     * As above.
     *
     * @param end when it completes, the request is given up and its connection closed
     * @throws CancellationException when {@code end} came before the answer
     */
    Answer post(URI url, Map<String, String> headers, byte[] body, Duration timeout, CompletionStage<Void> end) {
        var options = new RequestOptions().setAbsoluteURI(url.toString()).setMethod(HttpMethod.POST);
        headers.forEach(options::putHeader);
        var sent = new AtomicReference<HttpClientRequest>();
        var givenUp = new AtomicBoolean();
        Future<Answer> answer = client.request(options).compose(request -> {
            sent.set(request);
            // Nobody waits any more: what waited too long for a connection is not sent.
            if (givenUp.get()) {
                request.reset();
                return Future.failedFuture(new TimeoutException());
            }
            return request.send(Buffer.buffer(body)).compose(response -> AnswerReader.read(request, response, large));
        });
        CompletableFuture<Answer> whole = answer.toCompletionStage().toCompletableFuture();
        end.thenRun(() -> whole.cancel(false));
        try {
            return whole.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Unanswered.because(url, sent.get() != null, e.getCause());
        } catch (CancellationException e) {
            giveUp(givenUp, sent, answer);
            throw e;
        } catch (TimeoutException e) {
            giveUp(givenUp, sent, answer);
            throw Unanswered.late(url, timeout);
        } catch (InterruptedException e) {
            giveUp(givenUp, sent, answer);
            Thread.currentThread().interrupt();
            throw Unanswered.because(url, sent.get() != null, e);
        }
    }

    /** Closes the connection, so that the other side learns that nobody waits any more. */
    private static void giveUp(AtomicBoolean givenUp, AtomicReference<HttpClientRequest> sent, Future<Answer> answer) {
        givenUp.set(true);
        HttpClientRequest request = sent.get();
        if (request != null) request.reset();
        // It may have become whole in this very moment.
        answer.onSuccess(Answer::close);
    }

    @PreDestroy
    void close() {
        client.close();
    }
}

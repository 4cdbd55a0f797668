package dev.sluice.dispatch;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
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
    /** 64 MiB: an answer is held in memory until it is stored; what is larger belongs behind a reference. */
    static final int ANSWER_BYTES_MAX = 64 << 20;

    /** 512 a host: above the sum of the windows that share one; windows are the limit, this only catches a mistake. */
    private static final int CONNECTIONS_MAX = 512;

    record Answer(int status, MultiMap headers, byte[] body) {}

    private final HttpClient client;

    Http(Vertx vertx) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setConnectTimeout(5_000)
                .setKeepAliveTimeout(60)
                .setMaxHeaderSize(64 * 1024));
    }

    /**
     * @param timeout from now to the last byte of the answer
     * @throws ProblemException SL4010 not reachable, SL4011 timed out, SL4013 answer too large; the first two may be
     *     tried again
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
            return request.send(Buffer.buffer(body)).compose(response -> read(request, response));
        });
        CompletableFuture<Answer> whole = answer.toCompletionStage().toCompletableFuture();
        end.thenRun(() -> whole.cancel(false));
        try {
            return whole.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw problem(url, timeout, e.getCause());
        } catch (CancellationException e) {
            givenUp.set(true);
            reset(sent.get());
            throw e;
        } catch (TimeoutException e) {
            givenUp.set(true);
            reset(sent.get());
            throw problem(url, timeout, e);
        } catch (InterruptedException e) {
            givenUp.set(true);
            reset(sent.get());
            Thread.currentThread().interrupt();
            throw problem(url, timeout, e);
        }
    }

    /** Closes the connection, so that the other side learns that nobody waits any more. */
    private static void reset(HttpClientRequest request) {
        if (request != null) request.reset();
    }

    private static Future<Answer> read(HttpClientRequest request, HttpClientResponse response) {
        Promise<Answer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            body.appendBuffer(chunk);
            if (body.length() > ANSWER_BYTES_MAX && whole.tryFail(tooLarge())) request.reset();
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(
                end -> whole.tryComplete(new Answer(response.statusCode(), response.headers(), body.getBytes())));
        return whole.future();
    }

    private static ProblemException tooLarge() {
        return Problem.of(
                        Code.SL4013,
                        "the answer is larger than " + (ANSWER_BYTES_MAX >> 20)
                                + " MiB; store it and answer with a reference")
                .asException();
    }

    private static ProblemException problem(URI url, Duration timeout, Throwable cause) {
        if (cause instanceof ProblemException problem) return problem;
        if (cause instanceof TimeoutException) {
            return Problem.of(Code.SL4011, "no answer from " + url + " within " + timeout.toSeconds() + " s")
                    .retry()
                    .asException();
        }
        return Problem.of(Code.SL4010, "POST " + url + ": " + cause.getMessage())
                .retry()
                .asException();
    }

    @PreDestroy
    void close() {
        client.close();
    }
}

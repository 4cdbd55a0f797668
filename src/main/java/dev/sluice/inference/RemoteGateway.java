package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import dev.sluice.workflow.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a process with the role {@code inference}, which has the routes, the budgets and the journal: for functions
 * without a Redis. When this process dies, that one buys the answer to its end, and the next attempt gets it.
 */
final class RemoteGateway implements Gateway {
    /** 15 minutes: longer than the other process lets any endpoint take. */
    private static final Duration TIMEOUT = Duration.ofMinutes(15);

    private static final int CONNECT_MILLIS = 5_000;

    /** 256: as many attempts as one dispatcher gives one function at a time. */
    private static final int CONNECTIONS = 256;

    private final URI url;
    private final HttpClient client;

    RemoteGateway(URI url, Vertx vertx) {
        this.url = url;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setKeepAliveTimeout(ModelClients.IDLE_SECONDS_MAX)
                .setMaxPoolSize(CONNECTIONS));
    }

    private record Response(int status, HttpClientResponse head, String body) {}

    @Override
    public Completion complete(ModelCall call, Sink sink) {
        Map<String, String> headers = AccountWords.headers(call.account());
        headers.put("Sluice-Rung", call.rung());
        if (!call.key().isEmpty()) {
            headers.put(OpenAiDoor.KEY, call.key());
            headers.put(OpenAiDoor.CALL, call.key());
        }
        if (!call.hedged()) headers.put("Sluice-Idempotent", "false");
        Buffer body = Buffer.buffer(
                call.request().deepCopy().put("model", call.alias()).toString());
        Completion completion = read(ask(call, headers, body));
        Replay.to(sink, completion.endpoint(), completion.model(), completion.body());
        return completion;
    }

    private Response ask(ModelCall call, Map<String, String> headers, Buffer body) {
        var sent = new CompletableFuture<HttpClientRequest>();
        CompletableFuture<Response> pending = client.request(options(HttpMethod.POST, call.operation().path, headers))
                .compose(request -> {
                    sent.complete(request);
                    return request.send(body);
                })
                .compose(response ->
                        response.body().map(bytes -> new Response(response.statusCode(), response, bytes.toString())))
                .toCompletionStage()
                .toCompletableFuture();
        try {
            return pending.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException nobodyWaits) {
            if (!call.account().run().isEmpty()) giveUp(headers);
            sent.thenAccept(HttpClientRequest::reset);
            Thread.currentThread().interrupt();
            throw unreachable("nobody waits for the answer any more", nobodyWaits);
        } catch (TimeoutException late) {
            sent.thenAccept(HttpClientRequest::reset);
            throw unreachable("no answer within " + EndpointFailure.seconds(TIMEOUT), late);
        } catch (ExecutionException failed) {
            throw unreachable(String.valueOf(failed.getCause().getMessage()), failed);
        }
    }

    /** A closed connection alone does not say whether this process died or the run was cancelled. */
    private void giveUp(Map<String, String> headers) {
        client.request(options(HttpMethod.DELETE, "/calls", headers))
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::end)
                .otherwiseEmpty();
    }

    private RequestOptions options(HttpMethod method, String path, Map<String, String> headers) {
        var options = new RequestOptions()
                .setAbsoluteURI(url + path)
                .setMethod(method)
                .putHeader("content-type", "application/json");
        headers.forEach(options::putHeader);
        return options;
    }

    private ProblemException unreachable(String reason, Throwable cause) {
        Problem problem = Problem.of(
                        Code.SL5001,
                        "cannot ask " + url + " (sluice.inference.url): " + reason
                                + ". Is a process with the role inference running there?")
                .retry();
        return new ProblemException(problem, cause);
    }

    private Completion read(Response response) {
        JsonNode body = ChatAnswer.parse(response.body())
                .orElseThrow(() -> unreachable("it answered " + response.status() + " without JSON", null));
        if (response.status() / 100 != 2) throw failure(response.status(), body);
        HttpClientResponse head = response.head();
        String cost = head.getHeader("Sluice-Cost-Micros");
        var source = Completion.Source.of(head.getHeader("Sluice-Source"));
        Tokens tokens = ChatAnswer.tokens(body, body);
        long micros = cost == null ? 0 : Long.parseLong(cost);
        boolean counts = source == Completion.Source.BOUGHT || micros > 0;
        return new Completion(
                body,
                String.valueOf(head.getHeader("Sluice-Endpoint")),
                String.valueOf(head.getHeader("Sluice-Model")),
                counts ? tokens.usage(micros) : Usage.NONE,
                source,
                Optional.ofNullable(head.getHeader("Sluice-Escalation")));
    }

    private ProblemException failure(int status, JsonNode body) {
        JsonNode problem = body.at("/error/problem");
        if (problem.isObject()) return Problem.fromJson(problem).asException();
        return unreachable("it answered " + status + ": " + EndpointFailure.shortened(body.toString()), null);
    }

    @Override
    public void forget(Account account, List<String> keys) {
        Map<String, String> headers = AccountWords.headers(account);
        for (String key : keys) {
            headers.put(OpenAiDoor.KEY, key);
            Future<Void> forgotten = client.request(options(HttpMethod.DELETE, "/answers", headers))
                    .compose(HttpClientRequest::send)
                    .compose(HttpClientResponse::end);
            try {
                forgotten.toCompletionStage().toCompletableFuture().get(CONNECT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                throw unreachable(String.valueOf(e.getMessage()), e);
            }
        }
    }

    @Override
    public List<String> aliases() {
        return List.of();
    }

    /** What the aliases mean is known to the other process alone. */
    @Override
    public void start() {}

    @Override
    public void stop() {
        client.close();
    }
}

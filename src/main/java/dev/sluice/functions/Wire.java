package dev.sluice.functions;

import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;

/**
 * Sends one HTTP request and reads its whole answer, within bounds of size and time. HTTP/1.1, so that giving up closes
 * the connection and the other side learns of it; redirects are not followed here.
 */
@Singleton
class Wire {
    private static final Duration CONNECT_DURATION_MAX = Duration.ofSeconds(10);

    /** The client writes these itself, and refuses a request that has them. */
    private static final Set<String> OWN_HEADERS =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    private final DeniedHosts denied;
    private final HttpClient client;

    @Inject
    Wire(DeniedHosts denied) {
        this.denied = denied;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_DURATION_MAX)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * Blocks; an interrupt of the thread closes the connection.
     *
     * @param bytesMax of the body, after decompression too
     * @return whatever its status is
     * @throws ProblemException SL4008 the request cannot be sent, SL4017 the host is denied, SL4015 no connection
     *     (status 503), no usable answer (502), no answer in time (408)
     */
    Received send(Outgoing request, int bytesMax, Deadline deadline) {
        HttpRequest built = build(request);
        denied.check(request);
        CompletableFuture<HttpResponse<byte[]>> pending = client.sendAsync(built, info -> {
            // Where the name led when it was connected is still in the JDK's cache, should it have changed since.
            denied.check(request);
            return new BoundedBody(bytesMax);
        });
        try {
            HttpResponse<byte[]> answer = pending.get(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            byte[] body = decoded(answer, bytesMax);
            return new Received(request, answer.statusCode(), answer.headers(), body);
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw CallFailure.timedOut(request, deadline, e);
        } catch (InterruptedException e) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
            throw CallFailure.aborted(request, e);
        } catch (ExecutionException e) {
            throw failed(request, e.getCause());
        } catch (IOException e) {
            throw failed(request, e);
        }
    }

    private static HttpRequest build(Outgoing request) {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri());
            byte[] body = request.body();
            builder.method(
                    request.method().toUpperCase(Locale.ROOT),
                    body.length == 0
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofByteArray(body));
            request.headers().forEach((name, values) -> values.forEach(value -> header(builder, name, value)));
            return builder.build();
        } catch (IllegalArgumentException e) {
            // The client's messages hold names and methods, never the value of a header.
            throw CallFailure.configuration("the request cannot be sent: " + e.getMessage());
        }
    }

    private static void header(HttpRequest.Builder builder, String name, String value) {
        if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            throw CallFailure.configuration(
                    "the header '" + name + "' is written by the HTTP client itself; leave it out of the step");
        }
        if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
            throw CallFailure.configuration("the value of the header '" + name + "' has a control character");
        }
        builder.header(name, value);
    }

    private static byte[] decoded(HttpResponse<byte[]> answer, int bytesMax) throws IOException {
        String encoding = answer.headers().firstValue("Content-Encoding").orElse("");
        if (!encoding.equalsIgnoreCase("gzip") || answer.body().length == 0) return answer.body();
        try (var plain = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            byte[] bytes = plain.readNBytes(bytesMax);
            if (plain.read() >= 0) throw new BoundedBody.TooLargeException(bytesMax);
            return bytes;
        }
    }

    private static ProblemException failed(Outgoing request, Throwable cause) {
        if (cause instanceof ProblemException denied) return denied;
        if (cause instanceof HttpConnectTimeoutException) {
            return CallFailure.noConnection(request, "none within " + CONNECT_DURATION_MAX.toSeconds() + " s", cause);
        }
        if (cause instanceof ConnectException) {
            boolean unknown = hasCause(cause, UnresolvedAddressException.class);
            return CallFailure.noConnection(request, unknown ? "the host is unknown" : "it was refused", cause);
        }
        if (cause instanceof SSLException)
            return CallFailure.noConnection(request, "TLS: " + cause.getMessage(), cause);
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return CallFailure.unusable(request, why, cause);
    }

    private static boolean hasCause(Throwable failure, Class<? extends Exception> wanted) {
        Throwable cause = failure;
        // Ten: a chain of causes is shorter, and one that runs in a circle ends.
        for (int depth = 0; cause != null && depth < 10; depth++, cause = cause.getCause()) {
            if (wanted.isInstance(cause)) return true;
        }
        return false;
    }
}

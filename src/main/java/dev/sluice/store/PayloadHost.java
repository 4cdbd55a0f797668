package dev.sluice.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.NoSuchFileException;
import java.time.Duration;

/**
 * Another process that keeps the payloads of this one: {@code GET} and {@code PUT <url>/<reference>}. Both change
 * nothing the second time, so that whoever has no answer asks again.
 */
final class PayloadHost {
    private static final Duration CONNECT_DURATION_MAX = Duration.ofSeconds(5);

    /** 30 s: for 64 MiB, over a slow disk. */
    private static final Duration ANSWER_DURATION_MAX = Duration.ofSeconds(30);

    /** 2: a connection that was closed while it was idle; what lasts longer is for those who ask. */
    private static final int TRIES_MAX = 2;

    private final String url;
    private final HttpClient http;

    /** @param url of {@code /v1/payloads} there */
    PayloadHost(URI url) {
        String text = url.toString();
        this.url = text.endsWith("/") ? text : text + "/";
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_DURATION_MAX)
                .build();
    }

    /**
     * The caller closes it.
     *
     * @throws UncheckedIOException with {@link NoSuchFileException} when there is no such payload; with any other cause
     *     it may be there later
     */
    InputStream get(String ref) {
        HttpResponse<InputStream> answer = send(request(ref).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() == 200) return answer.body();
        try {
            answer.body().close();
            throw answer.statusCode() == 404 ? new NoSuchFileException(ref) : notTaken(answer);
        } catch (IOException e) {
            throw new UncheckedIOException("payload " + ref + " cannot be read from " + url, e);
        }
    }

    /** It is on that process' disk when this returns. */
    void put(String ref, HttpRequest.BodyPublisher content) {
        HttpRequest put = request(ref)
                .header("content-type", "application/octet-stream")
                .PUT(content)
                .build();
        HttpResponse<Void> answer = send(put, HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() / 100 == 2) return;
        throw new UncheckedIOException("payload " + ref + " cannot be stored at " + url, notTaken(answer));
    }

    private HttpRequest.Builder request(String ref) {
        return HttpRequest.newBuilder(URI.create(url + ref)).timeout(ANSWER_DURATION_MAX);
    }

    private static IOException notTaken(HttpResponse<?> answer) {
        return new IOException("it answered with status " + answer.statusCode());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        IOException last = null;
        for (int i = 0; i < TRIES_MAX; i++) {
            try {
                return http.send(request, body);
            } catch (IOException e) {
                last = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new IOException("this process is stopping", e));
            }
        }
        throw new UncheckedIOException(url + " does not answer", last);
    }
}

package dev.sluice.functions;

import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Fetches payloads by their reference, which is the SHA-256 of their bytes, from the api. */
@ApplicationScoped
class Payloads {
    private static final Pattern REF = Pattern.compile("sha256-[0-9a-f]{64}");

    private static final Duration CONNECT_DURATION_MAX = Duration.ofSeconds(5);

    /** Up to the response's head; the api answers from its own disk or from S3. */
    private static final Duration ANSWER_DURATION_MAX = Duration.ofSeconds(30);

    private final String url;

    private final HttpClient http;

    /**
     * @param url where payloads are served, the reference is appended after a slash; by default this process serves
     *     them
     */
    @Inject
    Payloads(
            @ConfigProperty(name = "sluice.payloads.url") Optional<String> url,
            @ConfigProperty(name = "quarkus.http.port", defaultValue = "8080") int port) {
        this(url.orElse("http://127.0.0.1:" + port + "/v1/payloads"));
    }

    Payloads(String url) {
        this.url = url.endsWith("/") ? url : url + "/";
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_DURATION_MAX)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * Blocks; call it on a virtual thread.
     *
     * @param name of the document, for the messages
     * @throws ProblemException SL4006 too large, SL4007 not there (final) or not reachable (retryable), SL4008 no
     *     reference, SL4003 (retryable) when the bytes are not those that the reference names
     */
    byte[] fetch(String ref, String name) {
        if (!REF.matcher(ref).matches()) {
            throw Problem.of(
                            Code.SL4008,
                            "The reference of the document '" + name
                                    + "' is not 'sha256-' and 64 hexadecimal digits. Use the one that the upload gave.")
                    .asException();
        }
        HttpRequest get = HttpRequest.newBuilder(URI.create(url + ref))
                .timeout(ANSWER_DURATION_MAX)
                .build();
        byte[] bytes;
        try {
            HttpResponse<InputStream> answer = http.send(get, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                checkStatus(answer.statusCode(), name, ref);
                bytes = body.readNBytes(DocumentReader.DOCUMENT_BYTES_MAX + 1);
            }
        } catch (IOException e) {
            throw new ProblemException(unreachable(name, "the payload store did not answer: " + e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(unreachable(name, "this worker is stopping"), e);
        }
        if (bytes.length > DocumentReader.DOCUMENT_BYTES_MAX) {
            throw DocumentReader.tooLarge(name).asException();
        }
        checkDigest(bytes, ref, name);
        return bytes;
    }

    private static void checkStatus(int status, String name, String ref) {
        if (status == 200) return;
        if (status == 404 || status == 410) {
            throw DocumentReader.problem(
                            Code.SL4007,
                            name,
                            "is no longer stored (" + ref + "). Upload it again and start a new run.")
                    .asException();
        }
        throw unreachable(name, "the payload store answered with status " + status)
                .asException();
    }

    private static Problem unreachable(String name, String why) {
        return DocumentReader.problem(Code.SL4007, name, "could not be fetched: " + why + ". It is tried again.")
                .retry();
    }

    private static void checkDigest(byte[] bytes, String ref, String name) {
        try {
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            if (ref.equals("sha256-" + digest)) return;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        throw DocumentReader.problem(
                        Code.SL4003,
                        name,
                        "arrived changed: its bytes are not those of " + ref + ". It is fetched again.")
                .retry()
                .asException();
    }
}

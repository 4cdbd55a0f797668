package dev.sluice.functions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.sluice.workflow.ProblemException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * OpenAPI documents, JSON or YAML, by their address: http and https (redirects are followed), and {@code file:} below
 * one configured directory. One that was fetched is kept for ten minutes; one of a file is read each time.
 */
@Singleton
class ApiDocuments {
    /** 8 MiB: the largest public ones have about that much. */
    static final int DOCUMENT_BYTES_MAX = 8 << 20;

    /** 32 MiB of documents as they came, a few times as much as trees. */
    private static final int KEPT_BYTES_MAX = 32 << 20;

    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration FETCH_DURATION_MAX = Duration.ofMinutes(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Kept(ApiDocument document, int bytes, Instant until) {}

    private final Caller caller;
    private final Optional<Path> directory;
    private final Clock clock;

    /** Guards {@code kept} and {@code keptBytes}. */
    private final ReentrantLock lock = new ReentrantLock();

    /** By address and authentication, oldest first. */
    private final Map<String, Kept> kept = new LinkedHashMap<>();

    private int keptBytes;

    @Inject
    ApiDocuments(
            Caller caller, @ConfigProperty(name = "sluice.resources.directory") Optional<Path> directory, Clock clock) {
        this.caller = caller;
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Blocks while it is fetched.
     *
     * @throws ProblemException SL4018 when it cannot be read, SL4017 when a file may not be, SL4008 when the address is
     *     none, or those of {@link Caller}
     */
    ApiDocument get(String address, Authentication authentication) {
        URI uri = Uris.parse(address);
        if ("file".equalsIgnoreCase(uri.getScheme())) return ApiDocument.of(parse(uri, file(uri)), uri);
        URI web = Uris.withQuery(Uris.web(address), "");
        String key = web + " " + key(authentication);
        Optional<ApiDocument> known = known(key);
        if (known.isPresent()) return known.get();
        CallRequest fetch = new CallRequest(
                Outgoing.get(web).with("Accept", "application/json, application/yaml, */*;q=0.5"),
                authentication,
                CallRequest.Output.RAW,
                true,
                FETCH_DURATION_MAX);
        Received answer = caller.send(fetch, DOCUMENT_BYTES_MAX, Deadline.in(FETCH_DURATION_MAX));
        ApiDocument document =
                ApiDocument.of(parse(web, answer.body()), answer.request().uri());
        keep(key, new Kept(document, answer.body().length, clock.instant().plus(KEPT)));
        return document;
    }

    /** What one may see must not be shown to another. */
    private static String key(Authentication authentication) {
        return switch (authentication) {
            case Authentication.None none -> "";
            case Authentication.Fixed fixed -> Tokens.hash(fixed.authorization());
            case Authentication.Digest digest -> Tokens.hash(digest.username() + ":" + digest.password());
            case Authentication.Token token -> token.policy().key();
        };
    }

    private Optional<ApiDocument> known(String key) {
        lock.lock();
        try {
            return Optional.ofNullable(kept.get(key))
                    .filter(found -> clock.instant().isBefore(found.until()))
                    .map(Kept::document);
        } finally {
            lock.unlock();
        }
    }

    private void keep(String key, Kept document) {
        lock.lock();
        try {
            Kept before = kept.remove(key);
            keptBytes += document.bytes() - (before == null ? 0 : before.bytes());
            kept.put(key, document);
            Iterator<Kept> oldest = kept.values().iterator();
            while (keptBytes > KEPT_BYTES_MAX) {
                keptBytes -= oldest.next().bytes();
                oldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    private byte[] file(URI uri) {
        Path below = directory.orElseThrow(() -> CallFailure.fileDenied("sluice.resources.directory is not set"));
        // file://app/a.json means app/a.json below the directory, and so does file:app/a.json.
        String path = uri.isOpaque()
                ? URI.create(uri.getRawSchemeSpecificPart()).getPath()
                : (uri.getAuthority() == null ? "" : uri.getAuthority()) + uri.getPath();
        try {
            Path root = below.toRealPath();
            Path file = root.resolve(path).toRealPath();
            if (!file.startsWith(root)) {
                throw CallFailure.fileDenied("'" + path + "' is not below sluice.resources.directory");
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(DOCUMENT_BYTES_MAX + 1);
                if (bytes.length > DOCUMENT_BYTES_MAX) {
                    throw CallFailure.document("'" + path + "' is larger than " + (DOCUMENT_BYTES_MAX >> 20) + " MiB");
                }
                return bytes;
            }
        } catch (IOException e) {
            throw CallFailure.document("'" + path + "' cannot be read below sluice.resources.directory ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private static JsonNode parse(URI uri, byte[] bytes) {
        boolean json = new String(bytes, 0, Math.min(64, bytes.length), java.nio.charset.StandardCharsets.UTF_8)
                .stripLeading()
                .startsWith("{");
        try {
            return json ? JSON.readTree(bytes) : yaml(bytes);
        } catch (JsonProcessingException e) {
            String at = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw CallFailure.document(shown(uri) + " cannot be read" + at + ": "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw CallFailure.document(shown(uri) + " is not readable");
        }
    }

    private static JsonNode yaml(byte[] bytes) throws IOException {
        var options = new LoaderOptions();
        options.setCodePointLimit(DOCUMENT_BYTES_MAX);
        var mapper =
                new ObjectMapper(YAMLFactory.builder().loaderOptions(options).build());
        try (var parser = (YAMLParser) mapper.getFactory().createParser(bytes)) {
            // Jackson would read an alias as the text of its name.
            while (parser.nextToken() != null) {
                if (!parser.isCurrentAlias()) continue;
                throw CallFailure.document("the alias *" + parser.getText() + " in it is not supported");
            }
        }
        return mapper.readTree(bytes);
    }

    private static String shown(URI uri) {
        return uri.getHost() == null ? "'" + uri.getPath() + "'" : Uris.shown(uri);
    }
}

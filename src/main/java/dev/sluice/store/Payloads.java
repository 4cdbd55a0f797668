package dev.sluice.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.workflow.Code;
import dev.sluice.workflow.Problem;
import dev.sluice.workflow.Value;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What is too large to travel inline, under the name of its content: {@code sha256-<64 hex digits>}. Writing the same
 * content twice is the same as writing it once, so a repeated commit or upload leaves nothing behind.
 */
@ApplicationScoped
public class Payloads {
    /**
     * 16 KiB: larger payloads go to the blob store, because a stream entry is copied to every replica and every reader.
     */
    public static final int INLINE_BYTES_MAX = 16 * 1024;

    private static final Pattern REF = Pattern.compile("sha256-[0-9a-f]{64}");

    /** No JSON text begins with it. */
    private static final char REF_MARK = '@';

    private final Path directory;

    /** Who keeps them in the place of {@link #directory}. */
    private final Optional<PayloadHost> remote;

    /**
     * @param remote address of {@code /v1/payloads} of the process that keeps them, where several processes have no
     *     disk in common; then this one writes none
     */
    @Inject
    Payloads(
            @ConfigProperty(name = "sluice.payloads.directory") Path directory,
            @ConfigProperty(name = "sluice.payloads.remote") Optional<URI> remote) {
        this.directory = directory;
        this.remote = remote.map(PayloadHost::new);
    }

    Payloads(Path directory) {
        this(directory, Optional.empty());
    }

    /** JSON text when it is small; otherwise the content is stored and this is {@code @} and its reference. */
    public String pack(JsonNode value) {
        String text = Json.text(value);
        // A character has at most three bytes of UTF-8.
        if (text.length() * 3 <= INLINE_BYTES_MAX) return text;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= INLINE_BYTES_MAX ? text : REF_MARK + put(bytes);
    }

    /** The same; a value that was read from the store or went there before is not written again. */
    public String pack(Value value) {
        return value.packed(this::pack);
    }

    /** The reference form of what {@link #pack} gave: for what many entries are to hold. */
    String apart(String packed) {
        return packed.charAt(0) == REF_MARK ? packed : REF_MARK + put(packed.getBytes(StandardCharsets.UTF_8));
    }

    /** A value that is read when somebody looks at it. */
    public Value value(String packed) {
        return Value.stored(packed, () -> unpack(packed));
    }

    /** Says whether two inputs are the same: the SHA-256 of the canonical JSON text, in hex. */
    static String hash(JsonNode value) {
        return HexFormat.of()
                .formatHex(sha256().digest(Json.canonicalText(value).getBytes(StandardCharsets.UTF_8)));
    }

    /** Whether the packed value is JSON text itself: then to unpack it does not block. */
    public static boolean isInline(String packed) {
        return packed.isEmpty() || packed.charAt(0) != REF_MARK;
    }

    /** The bytes of the JSON text that {@link #pack} was given. */
    public byte[] unpackBytes(String packed) {
        if (isInline(packed)) return packed.getBytes(StandardCharsets.UTF_8);
        String ref = packed.substring(1);
        path(ref);
        if (remote.isPresent()) return read(remote.get(), ref);
        try {
            return Files.readAllBytes(path(ref));
        } catch (IOException e) {
            throw new UncheckedIOException("payload " + ref + " cannot be read from " + directory, e);
        }
    }

    private static byte[] read(PayloadHost host, String ref) {
        try (InputStream in = host.get(ref)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("payload " + ref + " was cut off", e);
        }
    }

    /** The JSON text that {@link #pack} was given. */
    public String unpackText(String packed) {
        return isInline(packed) ? packed : new String(unpackBytes(packed), StandardCharsets.UTF_8);
    }

    public JsonNode unpack(String packed) {
        return Json.tree(unpackText(packed));
    }

    /** @return the reference; the content is on disk when this returns */
    public String put(byte[] content) {
        String ref = ref(content);
        if (remote.isPresent()) {
            remote.get().put(ref, HttpRequest.BodyPublishers.ofByteArray(content));
            return ref;
        }
        Path target = path(ref);
        if (Files.exists(target)) return ref;
        try {
            Path temporary = temporary();
            try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) out.write(buffer);
                out.force(true);
            }
            move(temporary, target);
            return ref;
        } catch (IOException e) {
            throw new UncheckedIOException("payload cannot be written to " + directory, e);
        }
    }

    /** What {@code content} is called. */
    public static String ref(byte[] content) {
        return "sha256-" + HexFormat.of().formatHex(sha256().digest(content));
    }

    /** Stores a copy of {@code file}. */
    public String put(Path file) {
        try {
            if (remote.isPresent()) return put(remote.get(), file);
            Path temporary = temporary();
            MessageDigest digest = sha256();
            // Written into the temporary file, not copied over it: that one is for its owner's eyes alone.
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest);
                    OutputStream out = Files.newOutputStream(temporary)) {
                in.transferTo(out);
            }
            try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                out.force(true);
            }
            String ref = "sha256-" + HexFormat.of().formatHex(digest.digest());
            move(temporary, path(ref));
            return ref;
        } catch (IOException e) {
            throw new UncheckedIOException("payload cannot be written to " + directory, e);
        }
    }

    private static String put(PayloadHost host, Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        String ref = "sha256-" + HexFormat.of().formatHex(digest.digest());
        host.put(ref, HttpRequest.BodyPublishers.ofFile(file));
        return ref;
    }

    /**
     * The content from another process, which the caller closes.
     *
     * @return empty when there is no such payload, {@code ref} is not a reference, or this process keeps its own
     */
    public Optional<InputStream> fetch(String ref) {
        if (!REF.matcher(ref).matches() || remote.isEmpty()) return Optional.empty();
        try {
            return Optional.of(remote.get().get(ref));
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) return Optional.empty();
            throw e;
        }
    }

    /** @return empty when there is no such payload here, or {@code ref} is not a reference */
    public Optional<Path> find(String ref) {
        if (!REF.matcher(ref).matches()) return Optional.empty();
        Path file = path(ref);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private Path temporary() throws IOException {
        Path incoming = directory.resolve("incoming");
        Files.createDirectories(incoming);
        return Files.createTempFile(incoming, "payload-", ".tmp");
    }

    /** A name is on disk only when its directory is, and that one's in its own. */
    private void move(Path temporary, Path target) throws IOException {
        boolean isNew = !Files.isDirectory(target.getParent());
        Files.createDirectories(target.getParent());
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(target.getParent());
        if (isNew) sync(directory);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** Two levels, so that no directory grows beyond what a file system likes. */
    private Path path(String ref) {
        if (!REF.matcher(ref).matches()) {
            throw Problem.of(Code.SL2015, "'" + ref + "' is not a reference (sha256- and 64 hex digits)")
                    .asException();
        }
        return directory.resolve(ref.substring(7, 9)).resolve(ref);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

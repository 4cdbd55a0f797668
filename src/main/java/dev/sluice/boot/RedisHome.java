package dev.sluice.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the embedded Redis keeps in {@code <data>/redis}: its append-only file, {@code redis.conf} (mode 0600, because
 * it holds the password) and {@code redis.log} of this start, {@code redis.log.1} of the one before.
 */
record RedisHome(Path directory) {

    static RedisHome in(Path data) throws IOException {
        Path directory = data.resolve("redis");
        Files.createDirectories(directory, ownerOnly(PosixFilePermission.OWNER_EXECUTE));
        return new RedisHome(directory);
    }

    Path settings() {
        return directory.resolve("redis.conf");
    }

    Path log() {
        return directory.resolve("redis.log");
    }

    /** Since Redis 7 the append-only file is a directory, which Redis 6 would overlook and so start empty. */
    boolean writtenByRedis7OrNewer() {
        return Files.isDirectory(directory.resolve("appendonlydir"));
    }

    /** Writes {@code redis.conf} for one start; {@code appendFsync} as in {@link StartSettings}. */
    void write(RedisProbe access, String appendFsync) throws IOException {
        Path fresh = directory.resolve("redis.conf.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, ownerOnly());
        Files.writeString(
                fresh, """
                # Written by Sluice at every start; changes are lost.
                bind 127.0.0.1
                port %d
                requirepass %s
                dir %s
                daemonize no
                appendonly yes
                appendfsync %s
                save ""
                maxmemory-policy noeviction
                # Runs stay compact, a third smaller; the name is good for every version.
                hash-max-ziplist-value 512
                """.formatted(access.port(), access.password(), quoted(directory.toString()), appendFsync));
        Files.move(fresh, settings(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * How to reach the Redis of the former start, if there was one: it may still be ending, or have been left behind.
     */
    Optional<RedisProbe> former() throws IOException {
        if (!Files.exists(settings())) return Optional.empty();
        List<String> lines = Files.readAllLines(settings());
        Optional<String> port = value(lines, "port ").filter(p -> p.matches("\\d{1,5}"));
        Optional<String> password = value(lines, "requirepass ");
        return port.flatMap(p -> password.map(w -> new RedisProbe(Integer.parseInt(p), w)));
    }

    private static Optional<String> value(List<String> lines, String key) {
        return lines.stream()
                .filter(l -> l.startsWith(key))
                .map(l -> l.substring(key.length()).strip())
                .findFirst();
    }

    /** Begins a new log and keeps one former log. */
    void rotateLog() throws IOException {
        if (Files.exists(log())) {
            Files.move(log(), directory.resolve("redis.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The last line that Redis wrote, without process id, time and full stop; empty when it wrote none. */
    String lastLogLine() {
        try {
            if (!Files.exists(log())) return "";
            List<String> lines = Files.readAllLines(log(), java.nio.charset.StandardCharsets.ISO_8859_1);
            return lines.stream()
                    .filter(l -> !l.isBlank())
                    .reduce((former, last) -> last)
                    .map(l -> l.replaceFirst("^\\d+:\\S+ .*?\\d\\d:\\d\\d:\\d\\d\\.\\d+ [*#.-] ", "")
                            .replaceFirst("\\.+$", ""))
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the quotes of redis.conf, where a backslash escapes. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static FileAttribute<?>[] ownerOnly(PosixFilePermission... more) {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) return new FileAttribute<?>[0];
        Set<PosixFilePermission> permissions =
                java.util.EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        permissions.addAll(List.of(more));
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
    }
}

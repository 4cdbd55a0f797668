package dev.sluice.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The Lua scripts. Each file opens with its contract: KEYS, ARGV with units, what it returns, what is atomic. One that
 * begins with {@code -- with letters} has the functions of {@code letters.lua}.
 */
public enum Script {
    START,
    COMMIT,
    SETTLE,
    TICK,
    OWN,
    RELEASE,
    HEARTBEAT,
    LEASE,
    BURY,
    POST,
    BROADCAST,
    ROUTE,
    SCHEDULE,
    DUE,
    AGAIN,
    PARK,
    COLLECT,
    RETIRE,
    REDRIVE,
    EXHUME,
    DROP;

    private final String source;
    private final String sha1;

    Script() {
        String own = read(name().toLowerCase(java.util.Locale.ROOT));
        source = own.startsWith("-- with letters\n") ? read("letters") + own : own;
        try {
            byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
            sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static String read(String name) {
        String file = "/lua/" + name + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) throw new IllegalStateException(file + " is missing from the build");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }

    String source() {
        return source;
    }

    /** Redis' name for the script. */
    String sha1() {
        return sha1;
    }
}

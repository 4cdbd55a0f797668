package dev.sluice.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The Lua scripts. Each file opens with its contract: KEYS, ARGV with units, what it returns, what is atomic. */
public enum Script {
    START,
    FORK,
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
    MEMORY;

    private final String source;
    private final String sha1;

    Script() {
        String file = "/lua/" + name().toLowerCase(java.util.Locale.ROOT) + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) throw new IllegalStateException(file + " is missing from the build");
            byte[] bytes = in.readAllBytes();
            source = new String(bytes, StandardCharsets.UTF_8);
            sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
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

package dev.sluice.queue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Names of runs: {@code <partition>-<26 characters>}. The partition in it finds the run without an index. The
 * characters are Crockford's base 32: 10 of time and 16 of chance (a ULID), or a hash of the idempotency key, which
 * makes a repeated start find the first one's run without a second lookup.
 */
public final class RunId {
    private static final char[] BASE32 = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final int DIGITS = 26;

    private RunId() {}

    public static String next(Partition partition, Instant now, RandomGenerator random) {
        return partition.tag() + "-" + base32(now.toEpochMilli(), 10) + base32(random.nextLong(), 8)
                + base32(random.nextLong(), 8);
    }

    /** The same for the same workflow and key. */
    public static String forKey(Partition partition, String workflow, String key) {
        byte[] hash = sha256(workflow + "\n" + key);
        var text = new StringBuilder(DIGITS);
        for (int i = 0; i < DIGITS; i++) text.append(BASE32[hash[i] & 31]);
        return partition.tag() + "-" + text;
    }

    /** A number that spreads keys evenly over partitions, 0 or more. */
    static int spread(String key) {
        byte[] hash = sha256(key);
        return (hash[0] & 0x7f) << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | hash[3] & 0xff;
    }

    /** The partition that {@code runId} names; empty when it is not the name of a run. */
    public static Optional<Partition> partition(String runId) {
        int cut = runId.length() - DIGITS - 1;
        if (cut < 0 || runId.charAt(cut) != '-') return Optional.empty();
        for (int i = cut + 1; i < runId.length(); i++) {
            char c = runId.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'z')) return Optional.empty();
        }
        try {
            return Optional.of(Partition.parse(runId.substring(0, cut)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The last {@code digits} digits of {@code value} in base 32. */
    private static String base32(long value, int digits) {
        char[] text = new char[digits];
        for (int i = digits - 1; i >= 0; i--, value >>>= 5) text[i] = BASE32[(int) (value & 31)];
        return new String(text);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

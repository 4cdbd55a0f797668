package dev.sluice.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The Lua scripts. Each file opens with its contract: KEYS, ARGV with units, what it returns, what is atomic. One that
 * begins with {@code -- with letters} has the functions of {@code letters.lua}.
 */
public enum Script {
    START,
    FORK,
    COMMIT,
    TAKE,
    SETTLE,
    LOOK,
    SERVE,
    MEMBER,
    RECLAIM,
    REST,
    RECOUNT,
    HELD,
    TICK,
    OWN,
    LEAVE,
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
    ACQUIRE,
    FREE,
    KEEP,
    RESERVE,
    REFUND,
    RECALL,
    REDRIVE,
    EXHUME,
    DROP,
    JOURNAL,
    RECORD,
    FORGET,
    SPEND,
    CHARGE,
    LAPSED,
    BREAKER;

    /** A second time these change nothing. The others are not run again when the answer to the first was lost. */
    private static final Set<Script> TWICE = EnumSet.of(
            START, FORK, COMMIT, SETTLE, LOOK, SERVE, MEMBER, REST, RECOUNT, HELD, TICK, LEAVE, RELEASE, HEARTBEAT,
            LEASE, BURY, BROADCAST, ROUTE, SCHEDULE, DUE, AGAIN, PARK, COLLECT, RETIRE, JOURNAL, RECORD, FORGET, SPEND,
            CHARGE, LAPSED, BREAKER);

    /** Somebody outside is told yes because of them: what they wrote must not be lost by a failover. */
    private static final Set<Script> ANSWERED = EnumSet.of(START, FORK, POST, BROADCAST, COLLECT);

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

    /** @param args as in the contract of the script */
    boolean mayRunTwice(List<String> args) {
        // A name that is remembered makes a repeated event known.
        return TWICE.contains(this) || this == POST && !args.get(5).isEmpty();
    }

    boolean isAnswered() {
        return ANSWERED.contains(this);
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

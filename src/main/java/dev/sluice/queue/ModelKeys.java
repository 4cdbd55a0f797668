package dev.sluice.queue;

import java.time.LocalDate;

/**
 * The keys of what is known about calls of models beyond one run: money, under one hash tag, since budgets of many
 * kinds change together; how endpoints are; and answers that clients outside of any run may ask for again. What a run
 * has of its own is in {@link Keys#journal} and {@link Keys#ledger}.
 */
public final class ModelKeys {
    private ModelKeys() {}

    /** Sorted set: exchanges for which money is set aside, by the ms since 1970 at which their lease ends. */
    public static String reservations() {
        return spend("reservations");
    }

    /** Hash: the same exchanges to what is set aside for them, for whom and where (JSON). */
    public static String reserved() {
        return spend("reserved");
    }

    /**
     * Hash: {@code s|<scope>} and {@code r|<scope>} to the micro-dollars that are spent and set aside of the budgets of
     * one day (UTC).
     */
    public static String budgets(LocalDate day) {
        return spend("budgets:" + day);
    }

    /** Hash: the same of a run and its steps. */
    public static String budgets(String runId) {
        return spend("budgets:run:" + runId);
    }

    /**
     * Hash: {@code <tenant>|<workflow>|<endpoint>|<model>|<kind>}, each percent-encoded, to the sum of one day (UTC).
     * Kinds: {@code n} calls, {@code i}, {@code c} and {@code o} input, cached and output tokens, {@code m} and
     * {@code u} certain and uncertain micro-dollars.
     */
    public static String totals(LocalDate day) {
        return spend("totals:" + day);
    }

    /**
     * String with an expiry: what is known about an exchange that has no reservation any more, {@code free} or
     * {@code lost}. Written only by {@code charge.lua}.
     */
    public static String mark(String exchange) {
        return spend("mark:" + exchange);
    }

    /** Hash: endpoints and groups of them to how they are, see {@code inference.RedisHealth}. */
    public static String endpoints() {
        return Keys.tagged("endpoints", "health");
    }

    /** Hash like {@link Keys#journal}, with an expiry: the answer for one Idempotency-Key of a client. */
    public static String journal(String tenant, String call) {
        return Keys.tagged("journal:" + Digest.of(tenant + "\n" + call), "answers");
    }

    /** String with an expiry: an answer that serves the same request of the same tenant again. */
    public static String cached(String tenant, String request) {
        return Keys.tagged("cached:" + Digest.of(tenant + "\n" + request), "answer");
    }

    private static String spend(String name) {
        return Keys.tagged("spend", name);
    }
}

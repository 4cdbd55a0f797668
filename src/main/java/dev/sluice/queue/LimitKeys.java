package dev.sluice.queue;

/** The keys of limits and rates: each limit and each rate has a hash tag of its own, and is of no partition. */
public final class LimitKeys {
    private LimitKeys() {}

    /** Sorted set: who has a permit of the limit, by the ms since 1970 at which the lease ends. */
    public static String holders(String limit) {
        return limit(limit, "holders");
    }

    /** Sorted set: who waits for a permit of the limit, by the ms since 1970 since when. */
    public static String waiting(String limit) {
        return limit(limit, "waiting");
    }

    /**
     * Hash: {@code max} as it was asked with last, {@code fence} given out last, {@code t:<holder>} to its fencing
     * token. Forgotten some time after the last use.
     */
    public static String state(String limit) {
        return limit(limit, "state");
    }

    /**
     * Hash: {@code r<slot>} and {@code t<slot>} to the requests and tokens that are used or booked in that slot of
     * time, numbered since 1970.
     */
    public static String used(String name) {
        return Keys.tagged("rate:" + Digest.of(name), "used");
    }

    /** Sorted set: who has booked a slot that is yet to come, by its number. */
    public static String booked(String name) {
        return Keys.tagged("rate:" + Digest.of(name), "booked");
    }

    private static String limit(String limit, String name) {
        return Keys.tagged("limit:" + Digest.of(limit), name);
    }
}

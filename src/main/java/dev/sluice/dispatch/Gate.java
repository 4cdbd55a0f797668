package dev.sluice.dispatch;

/**
 * Whether a function is asked at all. Open, or closed until a time that the function named ({@code Retry-After}), or
 * closed until it answers, because it is down. A closed gate lets one probe through at a time, each after a longer
 * pause; a probe that is answered opens it. All times in milliseconds of the window's clock. Changed under the window's
 * lock; {@link #isOpen} may be asked without it.
 */
final class Gate {
    /** 250 ms: a function that is just starting again is found soon; 1,000 functions that are down cost 100 calls/s. */
    private static final long DOWN_PAUSE_MIN = 250;

    private static final long DOWN_PAUSE_MAX = 10_000;

    /** The function itself said when to come again, so that probes only find out whether it meant one caller alone. */
    private static final long ASKED_PAUSE_MIN = 1_000;

    private static final long ASKED_PAUSE_MAX = 60_000;

    /** 30 s: a probe that is not heard of for so long holds up the next one no more. */
    private static final long PROBE_PATIENCE = 30_000;

    /** The gate is closed before this; {@code Long.MAX_VALUE}: until a probe is answered. */
    private volatile long until = Long.MIN_VALUE;

    /** When it was closed. Attempts that were sent before say nothing about the time after. */
    private long since;

    private long probeAt;
    private long pause;

    boolean isOpen(long now) {
        return now >= until;
    }

    /** Because the function asked for it. A shorter time than an earlier one does not shorten that. */
    void closeUntil(long time, long now) {
        if (time <= now) return;
        if (isOpen(now)) close(now, ASKED_PAUSE_MIN);
        until = until == Long.MAX_VALUE ? time : Math.max(until, time);
    }

    /** Because nothing answers there. */
    void closeUntilAnswered(long now) {
        if (!isOpen(now)) return;
        close(now, DOWN_PAUSE_MIN);
        until = Long.MAX_VALUE;
    }

    private void close(long now, long firstPause) {
        since = now;
        pause = firstPause;
        probeAt = now + firstPause;
    }

    /** @return true when an attempt may be made now although the gate is closed; the next only when it has ended */
    boolean probe(long now) {
        if (now < probeAt) return false;
        probeAt = now + PROBE_PATIENCE;
        return true;
    }

    /** The probe was not made after all. */
    void probeUnused(long now) {
        if (!isOpen(now)) probeAt = Math.min(probeAt, now);
    }

    /** @param sentAt of an attempt that nobody answered */
    void refused(long sentAt, long now) {
        if (isOpen(now) || sentAt < since) return;
        pause = Math.min(2 * pause, until == Long.MAX_VALUE ? DOWN_PAUSE_MAX : ASKED_PAUSE_MAX);
        probeAt = now + pause;
    }

    /** @param sentAt of an attempt that says nothing */
    void aborted(long sentAt, long now) {
        if (!isOpen(now) && sentAt >= since) probeAt = now + pause;
    }

    /**
     * An answer to a probe opens it.
     *
     * @return true when the function was down until now
     */
    boolean answered(long sentAt, long now) {
        if (isOpen(now) || sentAt < since) return false;
        boolean wasDown = until == Long.MAX_VALUE;
        until = Long.MIN_VALUE;
        return wasDown;
    }

    /** Milliseconds until time alone lets something through; zero when it is open. */
    long pause(long now) {
        return isOpen(now) ? 0 : Math.max(0, Math.min(until, probeAt) - now);
    }
}

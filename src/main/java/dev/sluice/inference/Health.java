package dev.sluice.inference;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How endpoints are, known to all processes: a circuit breaker for each, with one probe at a time once it is half open,
 * and how long those that share a quota are to be left alone. Reading never blocks: what others found is known half a
 * second later.
 */
interface Health {
    /**
     * When the endpoint may be asked again; empty: now.
     *
     * @param quota group of endpoints that are left alone together
     */
    Optional<Instant> closedUntil(String endpoint, String quota);

    /**
     * Called right before a request; asks Redis only when the breaker is half open. False: its breaker is open, or half
     * open and somebody else makes the probe. A probe of which nothing more is heard is made by another after 30 s.
     */
    boolean enter(String endpoint);

    /** An answer, or an error that says nothing about the endpoint's health. */
    void succeeded(String endpoint);

    /** No connection, no answer in time, or 5xx. */
    void failed(String endpoint);

    /** 429, or no quota left: the whole group is left alone for so long. */
    void rest(String quota, Duration wait);
}

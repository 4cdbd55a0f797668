package dev.sluice.dispatch;

import dev.sluice.workflow.Problem;
import java.net.URI;

/** Where a function is asked, or why it cannot be. */
sealed interface Address {
    /** How requests go over a connection: one after the other, or many at a time without TLS (RFC 9113, 3.3). */
    enum Protocol {
        HTTP_1_1,
        H2C
    }

    /**
     * @param name of what is there: each has connections of its own, so that none waits for those of another
     * @param url absolute, of http or https, with a host
     * @param connections at most; with {@link Protocol#H2C} far fewer are made
     */
    record Endpoint(String name, URI url, Protocol protocol, int connections) implements Address {}

    /** @param problem that each attempt fails with */
    record Nowhere(Problem problem) implements Address {}
}

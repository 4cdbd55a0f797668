package dev.sluice.test;

/** What may go wrong in a distributed system without a run coming out differently. See {@link VirtualSluice#inject}. */
public enum Fault {
    /**
     * After every commit all runs are read again from their stored form, and every task that has no result yet is
     * delivered to its function again, with the same idempotency key.
     */
    CRASH_AFTER_EVERY_COMMIT,
    /** Every result, timer and notice is taken in twice. */
    EVERY_EVENT_TWICE,
    /** Every result, timer and notice is taken in once more when the run has gone on. */
    EVERY_EVENT_LATE_AGAIN,
    /** Every task is delivered to its function twice. */
    EVERY_TASK_TWICE,
    /**
     * What is due at the same moment comes in an order drawn by lot. A workflow that lets branches race may come out
     * differently, so {@link VirtualSluice#crashAtEveryStep} leaves it out.
     */
    ANY_ORDER
}

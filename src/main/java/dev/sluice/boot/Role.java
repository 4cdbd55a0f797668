package dev.sluice.boot;

/** What a process does. One process can have all roles, as on a laptop; in a cluster each is a service of its own. */
public enum Role {
    /** Ways in and windows: {@code /v1}, the dashboard. */
    API,
    /** Delivers tasks and wakes the orchestrator. */
    DISPATCHER,
    /** The function {@code orchestrate}. */
    ORCHESTRATOR,
    /** The built-in steps. */
    FUNCTIONS,
    /** {@code /openai/v1}: models for others, with routes, budgets and the journal. */
    INFERENCE
}

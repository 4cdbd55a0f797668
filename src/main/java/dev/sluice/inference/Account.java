package dev.sluice.inference;

import java.util.Map;
import java.util.Objects;

/**
 * On whose behalf a model is asked: who pays, and under which run and step the answer is journaled. What is not known
 * is empty.
 *
 * @param workflow {@code namespace.name}
 * @param step key of the visit, see {@code workflow.Visit}
 * @param attempt from 1; 0: not known
 * @param origin run that this one was forked from
 * @param budgets of the workflow's own, in micro-dollars
 */
public record Account(
        String tenant, String workflow, String run, String step, int attempt, String origin, Map<Scope, Long> budgets) {
    /** Nobody in particular: nothing is journaled, and only the budgets of the deployment hold. */
    public static final Account NOBODY = new Account("", "", "", "", 0, "", Map.of());

    public Account {
        Objects.requireNonNull(tenant);
        Objects.requireNonNull(workflow);
        Objects.requireNonNull(run);
        Objects.requireNonNull(step);
        Objects.requireNonNull(origin);
        budgets = Map.copyOf(budgets);
    }

    /** What a budget is of. */
    public enum Scope {
        /** One visit of a step, all its attempts. */
        STEP,
        RUN,
        /** All runs of the workflow on one day (UTC). */
        WORKFLOW_DAY,
        TENANT_DAY,
        /** The whole deployment on one day. */
        DAY
    }
}

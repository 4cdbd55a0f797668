package dev.sluice.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.queue.Digest;
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
 * @param traceparent of the step, W3C
 */
public record Account(
        String tenant,
        String workflow,
        String run,
        String step,
        int attempt,
        String origin,
        Map<Scope, Long> budgets,
        String traceparent) {
    /** Nobody in particular: nothing is journaled, and only the budgets of the deployment hold. */
    public static final Account NOBODY = new Account("", "", "", "", 0, "", Map.of(), "");

    public Account {
        Objects.requireNonNull(tenant);
        Objects.requireNonNull(workflow);
        Objects.requireNonNull(run);
        Objects.requireNonNull(step);
        Objects.requireNonNull(origin);
        Objects.requireNonNull(traceparent);
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

    /** @param extensions of the CloudEvent that asks for the step */
    public static Account of(Map<String, String> extensions) {
        return AccountWords.ofExtensions(extensions);
    }

    /** Names a request within the step: the same for every attempt. "" without a run, where nothing is journaled. */
    String keyOf(String alias, JsonNode request) {
        return run.isEmpty() ? "" : Digest.of(alias + "\n" + request);
    }
}

package dev.sluice.queue;

/**
 * On whose behalf a task is: a function that calls models has them paid for by this account. What is not known is
 * empty.
 *
 * @param workflow {@code namespace.name}
 * @param origin run that the task's run was forked from
 * @param budget the workflow's own, JSON with {@code run}, {@code step} and {@code day} in micro-dollars
 */
public record OnBehalf(String tenant, String workflow, String origin, String budget) {
    public static final OnBehalf NOBODY = new OnBehalf("", "", "", "");
}

package dev.sluice.inference;

import java.time.Instant;

/**
 * One exchange with an endpoint, and what it cost. Written once, by {@link Books#settle}.
 *
 * @param call under which the answer is journaled; the same for every exchange that was made for it
 * @param exchange unique among all
 * @param costMicros micro-dollars that were paid for certain
 * @param uncertainMicros at most so much more may have been paid: the process or the connection ended before the
 *     endpoint said what it had used
 * @param outcome {@code answered}, {@code journal} or {@code cache} (nothing was bought), {@code cancelled},
 *     {@code lost}, or the code of the problem
 * @param rung of structured output: {@code asked}, {@code corrected}, {@code escalated}; or {@code tool}
 * @param hedge it was the second of two that were asked at the same time
 * @param prices version of the price table, or {@code settings}
 */
record LedgerLine(
        Instant at,
        String call,
        String exchange,
        String endpoint,
        String model,
        Tokens tokens,
        long costMicros,
        long uncertainMicros,
        long millis,
        String outcome,
        String rung,
        boolean hedge,
        String prices) {}

package dev.sluice.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One call of a model as somebody asks for it, before it is known who answers.
 *
 * @param alias route, endpoint or model; "" for the default
 * @param request body in OpenAI's words, without a model; not changed
 * @param key names the call within the account's run and step, or the client's own; "": its answer is not journaled
 * @param rung of structured output, for the ledger
 * @param hedged it may be asked twice at the same time
 * @param traceparent W3C; "" when there is none
 */
record ModelCall(
        Operation operation,
        String alias,
        ObjectNode request,
        Account account,
        String key,
        String rung,
        boolean hedged,
        String traceparent) {}

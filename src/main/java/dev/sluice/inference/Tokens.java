package dev.sluice.inference;

import dev.sluice.workflow.Usage;

/**
 * Tokens of one call, as the endpoint counted them.
 *
 * @param input sent, those read from the endpoint's prompt cache included
 * @param cached of {@code input}, what the endpoint had in its prompt cache
 * @param output generated
 */
record Tokens(long input, long cached, long output) {
    static final Tokens NONE = new Tokens(0, 0, 0);

    Usage usage(long costMicros) {
        return new Usage(input, output, costMicros);
    }
}

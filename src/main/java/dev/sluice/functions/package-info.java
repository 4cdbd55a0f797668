/**
 * The built-in steps: {@code ask}, {@code embed}, {@code extract}, {@code classify}, {@code summarize}, {@code http},
 * {@code openapi}. Each is a Funqy function: one CloudEvent in, one CloudEvent out, no state. They depend on nothing of
 * the orchestrator, so that they can run as a service of their own.
 */
package dev.sluice.functions;

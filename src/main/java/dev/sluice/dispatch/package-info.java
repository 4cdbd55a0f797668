/** Delivers tasks to functions over HTTP, takes their results, and wakes the orchestrator. */
package dev.sluice.dispatch;

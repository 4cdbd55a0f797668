/**
 * A simulated endpoint of the OpenAI protocol, for tests, benchmarks and demonstrations: slow, failing and dear in
 * every way in which real ones are, and the same for the same seed. It needs nothing of Sluice.
 */
package dev.sluice.simulator;

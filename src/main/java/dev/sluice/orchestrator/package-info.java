/** Layer 1: woken for a partition, takes in its events, lets the machine decide, commits, and rests again. */
package dev.sluice.orchestrator;

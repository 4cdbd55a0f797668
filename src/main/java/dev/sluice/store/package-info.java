/** Runs, their history, payloads and definitions, and the one door through which a run changes. */
package dev.sluice.store;

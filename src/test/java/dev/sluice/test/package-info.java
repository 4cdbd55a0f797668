/**
 * For those who test their workflows: runs them in the JVM on the machine that runs them in production, with virtual
 * time, scripted functions and injected faults. Begin with {@link dev.sluice.test.SluiceExtension}; a guide stands in
 * {@code docs/testing.md}.
 */
package dev.sluice.test;

/**
 * The command {@code sluice}: plain Java over HTTP, no Quarkus, so that it starts at once. Data to stdout, the rest to
 * stderr.
 */
package dev.sluice.cli;

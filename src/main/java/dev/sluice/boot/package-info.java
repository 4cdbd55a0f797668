/**
 * Composition root: what has to be settled before Quarkus starts, the start itself, and the end. May import every
 * package.
 */
package dev.sluice.boot;

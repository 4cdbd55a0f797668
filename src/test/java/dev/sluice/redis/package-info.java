/**
 * Redis servers for tests: one, a primary with its replicas and sentinels, or a cluster, of any program that is one.
 */
package dev.sluice.redis;

/**
 * The ways in and the windows: starts, uploads, events, views, the live feed. Everything over HTTP under {@code /v1}.
 */
package dev.sluice.api;

/**
 * What can happen to a deployment, done to real processes: functions that break every rule, dispatchers killed and
 * stopped, connections cut, a Redis that stands still, clocks that disagree.
 */
package dev.sluice.faults;

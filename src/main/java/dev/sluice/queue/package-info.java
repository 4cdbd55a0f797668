/** Keys, lanes, timers and ownership on Redis. Knows nothing of what an event or a run says: it carries strings. */
package dev.sluice.queue;

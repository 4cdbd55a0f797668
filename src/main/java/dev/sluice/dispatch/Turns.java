package dev.sluice.dispatch;

import java.util.LinkedHashSet;
import java.util.Set;

/** What waits for its turn, each once, first come first served. */
final class Turns<T> {
    private final Set<T> waiting = new LinkedHashSet<>();

    synchronized void add(T one) {
        waiting.add(one);
    }

    synchronized int size() {
        return waiting.size();
    }

    /** @return null when none waits */
    synchronized T poll() {
        var first = waiting.iterator();
        if (!first.hasNext()) return null;
        T one = first.next();
        first.remove();
        return one;
    }
}

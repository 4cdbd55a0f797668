package dev.sluice.inference;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What one process has seen, for those without Redis. */
final class LocalHealth extends SharedHealth {
    private final Map<String, String> states = new ConcurrentHashMap<>();

    LocalHealth(Clock clock) {
        super(clock, "here");
    }

    @Override
    Map<String, String> known() {
        return states;
    }

    @Override
    boolean replace(String field, String from, String to) {
        if (from.isEmpty()) return states.putIfAbsent(field, to) == null;
        return to.isEmpty() ? states.remove(field, from) : states.replace(field, from, to);
    }
}

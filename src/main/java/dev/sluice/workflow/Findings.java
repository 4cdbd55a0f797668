package dev.sluice.workflow;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a document. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void add(String pointer, String message) {
        all.add(new Finding(pointer, message, false, 0, 0));
    }

    void unsupported(String pointer, String message) {
        all.add(new Finding(pointer, message, true, 0, 0));
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}

package dev.sluice.test;

import dev.sluice.workflow.Visit;

/** A test may name a step by its name in the document, by its pointer, or by the key of one visit. */
final class Steps {
    private Steps() {}

    /** The last part of a JSON pointer, as it is written in the document. */
    static String name(String pointer) {
        String last = pointer.substring(pointer.lastIndexOf('/') + 1);
        return last.replace("~1", "/").replace("~0", "~");
    }

    static boolean isMeant(String step, String key) {
        if (key.isEmpty()) return false;
        String pointer = Visit.pointerOf(key);
        return step.equals(key) || step.equals(pointer) || step.equals(name(pointer));
    }
}

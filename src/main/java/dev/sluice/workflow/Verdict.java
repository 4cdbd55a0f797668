package dev.sluice.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a schema says about one value. Filled by {@link SchemaWalk}. */
final class Verdict {
    private final List<Mistake> mistakes = new ArrayList<>();

    /** Members that the schema describes, whether the value has them or not. */
    private final Set<String> known = new TreeSet<>();

    /** Members of alternatives that this value did not choose. */
    private final Set<String> excluded = new TreeSet<>();

    /** True when members that the schema does not describe were dealt with. */
    private boolean open;

    List<Mistake> mistakes() {
        return mistakes;
    }

    Set<String> known() {
        return known;
    }

    Set<String> excluded() {
        return excluded;
    }

    boolean isOpen() {
        return open;
    }

    Verdict open() {
        open = true;
        return this;
    }

    Verdict add(Mistake mistake) {
        mistakes.add(mistake);
        return this;
    }

    /** What another schema says about the same value. */
    Verdict take(Verdict other) {
        mistakes.addAll(other.mistakes);
        return know(other);
    }

    /** The members of the other alone. */
    Verdict know(Verdict other) {
        known.addAll(other.known);
        excluded.addAll(other.excluded);
        open |= other.open;
        return this;
    }

    /** True when nothing is wrong but what only a newer DSL has. */
    boolean fits() {
        return mistakes.stream().allMatch(m -> m.kind() == Mistake.Kind.UNSUPPORTED);
    }
}

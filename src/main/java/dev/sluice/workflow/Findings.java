package dev.sluice.workflow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Collects everything that is wrong with one document, so that its author sees all of it at once. The same message for
 * the same place is taken once. Not for use by several threads.
 */
public final class Findings {
    /** 1,000: more than anybody corrects in one go; a hostile document would have a million. */
    static final int LISTED_MAX = 1_000;

    /** 1 MiB of pointers and messages, as much as the largest document. */
    static final int CHARACTERS_MAX = 1 << 20;

    private final SourceMap places;
    private final List<Finding> listed = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private int characters;
    private int unlisted;
    private boolean invalid;

    /** Findings without line and column. */
    public Findings() {
        this(SourceMap.unknown());
    }

    /** Findings of the document whose members stand at {@code places}. */
    public Findings(SourceMap places) {
        this.places = places;
    }

    /** Something that the DSL does not allow. */
    public void add(String pointer, String message) {
        take(pointer, message, false);
    }

    /** Something that the DSL allows and Sluice cannot carry out. */
    public void unsupported(String pointer, String message) {
        take(pointer, message, true);
    }

    private void take(String pointer, String message, boolean unsupported) {
        SourceMap.Place place = places.of(pointer);
        take(new Finding(pointer, message, unsupported, place.line(), place.column()));
    }

    void take(Finding finding) {
        invalid |= !finding.unsupported();
        if (!seen.add(finding.inPlace())) return;
        characters += finding.inPlace().length();
        if (listed.size() < LISTED_MAX && characters <= CHARACTERS_MAX) listed.add(finding);
        else unlisted++;
    }

    public boolean isEmpty() {
        return listed.isEmpty() && unlisted == 0;
    }

    /** True when something was added that the DSL does not allow, so that nothing can be said of what it means. */
    boolean isInvalid() {
        return invalid;
    }

    /** In the order in which they stand in the document; at most 1,000, the last of which says how many are missing. */
    public List<Finding> all() {
        var all = new ArrayList<>(listed);
        all.sort(Comparator.comparingInt(Finding::line)
                .thenComparingInt(Finding::column)
                .thenComparing(Finding::pointer));
        if (unlisted > 0) all.add(new Finding("", "and " + unlisted + " more", !invalid, 0, 0));
        return List.copyOf(all);
    }

    /**
     * Does nothing when nothing was found.
     *
     * @throws ProblemException SL3001, or SL3002 when all that was found is unsupported; one finding a line
     */
    public void refuse() {
        if (!isEmpty()) throw asException();
    }

    ProblemException asException() {
        List<Finding> all = all();
        String detail = all.stream().map(Finding::toString).collect(Collectors.joining("\n"));
        return new ProblemException(Problem.of(invalid ? Code.SL3001 : Code.SL3002, detail), all);
    }
}

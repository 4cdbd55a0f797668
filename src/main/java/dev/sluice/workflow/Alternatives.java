package dev.sluice.workflow;

import dev.sluice.workflow.Mistake.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Chooses, among the alternatives of a {@code oneOf} or {@code anyOf}, the one that the author meant. */
final class Alternatives {
    /** The value is of another type, or names another alternative: it was not meant. */
    private static final int OTHER_ONE = 1_000_000;

    /** What this alternative needs is missing: it was hardly meant. */
    private static final int INCOMPLETE = 1_000;

    /** Something is there that this alternative does not have. */
    private static final int STRANGE = 10;

    private Alternatives() {}

    /**
     * @param verdicts one for each alternative, at least one, none of which fits
     * @return the mistakes of the nearest; what several expected in one and the same place is said in one sentence
     */
    static Verdict nearest(List<Verdict> verdicts, Trail at) {
        var chosen = new Verdict();
        List<String> lacking = lacking(verdicts, at);
        if (!lacking.isEmpty()) {
            verdicts.forEach(chosen::know);
            return chosen.add(Mistake.missing(at, lacking));
        }
        int best = verdicts.stream().mapToInt(v -> distance(v, at)).min().orElseThrow();
        List<Verdict> nearest =
                verdicts.stream().filter(v -> distance(v, at) == best).toList();
        Verdict first = nearest.getFirst();
        if (!isOneExpectation(first)) return chosen.take(first);
        Mistake mistake = first.mistakes().getFirst();
        List<String> texts = nearest.stream()
                .filter(Alternatives::isOneExpectation)
                .map(v -> v.mistakes().getFirst())
                .filter(m -> m.pointer().equals(mistake.pointer()))
                .map(Mistake::text)
                .distinct()
                .sorted(Comparator.comparing(text -> text.contains("${")))
                .toList();
        nearest.forEach(chosen::know);
        return chosen.add(Mistake.expected(mistake.at(), mistake.kind(), mistake.value(), join(texts)));
    }

    private static boolean isOneExpectation(Verdict verdict) {
        return verdict.mistakes().size() == 1 && verdict.mistakes().getFirst().isExpectation();
    }

    private static String join(List<String> texts) {
        if (texts.size() < 3) return String.join(" or ", texts);
        return String.join(", ", texts.subList(0, texts.size() - 1)) + " or " + texts.getLast();
    }

    /** The members of which one is needed, when every alternative misses just one. */
    private static List<String> lacking(List<Verdict> verdicts, Trail at) {
        var names = new TreeSet<String>();
        for (Verdict verdict : verdicts) {
            if (verdict.mistakes().size() != 1) return List.of();
            Mistake mistake = verdict.mistakes().getFirst();
            if (mistake.kind() != Kind.MISSING || mistake.at() != at) return List.of();
            names.addAll(mistake.names());
        }
        return new ArrayList<>(names);
    }

    private static int distance(Verdict verdict, Trail at) {
        int distance = 0;
        for (Mistake mistake : verdict.mistakes()) {
            boolean here = mistake.at() == at;
            boolean justBelow = mistake.at().parent() == at;
            distance += switch (mistake.kind()) {
                case TYPE -> here ? OTHER_ONE : 1;
                case CONST -> justBelow ? OTHER_ONE : 1;
                case MISSING -> here ? INCOMPLETE : 1;
                case UNKNOWN -> justBelow ? STRANGE : 1;
                case FORM, OTHER -> 1;
                case UNSUPPORTED -> 0;
            };
            // Enough to lose by, and no overflow.
            if (distance > OTHER_ONE * 100) break;
        }
        return distance;
    }
}

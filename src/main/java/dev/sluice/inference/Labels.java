package dev.sluice.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Classification by keywords: which of the labels do the words of a document point to most. */
final class Labels {
    /** @param evidence phrases of the document that point to the label, strongest first */
    record Score(String label, double points, List<String> evidence) {}

    /**
     * @param confidence 0 to 1: how far the best label is ahead of the second, and how much points to it at all
     * @param scores best first; equal ones in the order in which the labels were given
     */
    record Choice(String label, double confidence, List<Score> scores) {
        /** One sentence that says why. */
        String reason() {
            List<String> evidence =
                    scores.isEmpty() ? List.of() : scores.getFirst().evidence();
            if (evidence.isEmpty()) return "Nothing in the text points clearly to one of the labels.";
            return "The text points to \"" + label + "\": " + String.join(", ", evidence) + ".";
        }
    }

    /** A phrase that stands in a text often says little more than one that stands there five times. */
    private static final int COUNT_MAX = 5;

    private static final int HEAD_LENGTH = 400;
    private static final int EVIDENCE_MAX = 4;

    /** Below this many points a label is as likely as any other. */
    private static final double POINTS_MIN = 2;

    private static final double NO_EVIDENCE = 0.2;

    private static final Pattern SALUTATION = Pattern.compile("(?im)^(dear|sehr geehrte|to whom) ");
    private static final Pattern MAIL_HEADERS =
            Pattern.compile("(?im)^(from|to|subject|date|cc): .*\\n(from|to|subject|date|cc): ");
    private static final Pattern CODE_LINE = Pattern.compile("(?m)(;|\\{|\\}|\\)|=>)[ \\t]*$");
    /** Possessive: it would otherwise recurse for each cell, and overflow the stack. */
    private static final Pattern CSV_LINE = Pattern.compile("(?m)^[^,;\\t\\n]*+(?:[,;\\t][^,;\\t\\n]*+){3,}+$");

    private static final Pattern VERSION_HEADING =
            Pattern.compile("(?m)^(#+ *)?(\\[?v?\\d+\\.\\d+(\\.\\d+)?\\]?|Version \\d+[.\\d]*)\\b[^\\n]{0,40}$");

    private final Document document;

    Labels(Document document) {
        this.document = document;
    }

    /** @param labels at least one */
    Choice choose(List<String> labels) {
        List<Score> scores = new ArrayList<>();
        for (String label : labels) scores.add(score(label));
        scores.sort(Comparator.comparingDouble(Score::points).reversed());
        Score best = scores.getFirst();
        if (best.points() < POINTS_MIN) return undecided(labels, scores);
        double second = scores.size() > 1 ? scores.get(1).points() : 0;
        double lead = (best.points() - second) / (best.points() + second);
        double enough = best.points() / (best.points() + POINTS_MIN);
        return new Choice(best.label(), round((0.5 + 0.5 * lead) * enough), scores);
    }

    private static Choice undecided(List<String> labels, List<Score> scores) {
        String rest = labels.stream()
                .filter(Lexicon::isRest)
                .findFirst()
                .orElse(scores.getFirst().label());
        List<Score> first = new ArrayList<>(scores);
        first.sort(Comparator.comparing((Score score) -> !score.label().equals(rest)));
        return new Choice(rest, NO_EVIDENCE, first);
    }

    private static double round(double confidence) {
        return Math.round(confidence * 100) / 100.0;
    }

    private Score score(String label) {
        if (Lexicon.isRest(label)) return new Score(label, 0, List.of());
        List<Lexicon.Term> found = new ArrayList<>();
        for (Lexicon.Term term : Lexicon.terms(label)) {
            int count = document.count(term.phrase(), COUNT_MAX);
            if (count == 0) continue;
            boolean early = document.lower().lastIndexOf(term.phrase(), HEAD_LENGTH) >= 0;
            double points = term.weight() * (1 + Math.log(count)) * (early ? 2 : 1);
            found.add(new Lexicon.Term('"' + term.phrase() + '"', points));
        }
        addShape(label, found);
        found.sort(Comparator.comparingDouble(Lexicon.Term::weight).reversed());
        double points = found.stream().mapToDouble(Lexicon.Term::weight).sum();
        return new Score(
                label,
                points,
                found.stream().limit(EVIDENCE_MAX).map(Lexicon.Term::phrase).toList());
    }

    /** What the form of the text, the document's name and the instructions add to a label's points. */
    private void addShape(String label, List<Lexicon.Term> found) {
        List<String> words = Field.words(label);
        if (named(words)) found.add(new Lexicon.Term("the document's name", 6));
        if (words.contains("letter") && SALUTATION.matcher(document.text()).find()) {
            found.add(new Lexicon.Term("a salutation", 4));
        }
        boolean mail = words.contains("email") || words.contains("mail") || words.contains("message");
        if (mail && (MAIL_HEADERS.matcher(document.text()).find() || extension("eml", "msg"))) {
            found.add(new Lexicon.Term("mail headers", 12));
        }
        boolean code = words.contains("source") || words.contains("code");
        boolean data = words.contains("data") || words.contains("dataset");
        if (code
                && (share(CODE_LINE) > 0.3 || extension("java", "py", "c", "h", "js", "ts", "go", "rs", "sh", "sql"))) {
            found.add(new Lexicon.Term("lines of code", 12));
        }
        if (data && (share(CSV_LINE) > 0.6 || extension("csv", "tsv", "json", "xml", "yaml", "yml", "xlsx"))) {
            found.add(new Lexicon.Term("lines of data", 12));
        }
        boolean changes = words.contains("changelog") || words.contains("changes") || words.contains("notes");
        if (changes
                && VERSION_HEADING.matcher(document.text()).results().limit(2).count() == 2) {
            found.add(new Lexicon.Term("headings that are versions", 6));
        }
    }

    private boolean named(List<String> words) {
        List<String> name = Document.words(document.name().replace('_', ' '));
        return !words.isEmpty() && words.stream().anyMatch(word -> word.length() > 3 && name.contains(word));
    }

    private boolean extension(String... extensions) {
        String name = document.name().toLowerCase(Locale.ROOT);
        for (String extension : extensions) if (name.endsWith("." + extension)) return true;
        return false;
    }

    private double share(Pattern line) {
        if (document.lines().isEmpty()) return 0;
        // 400 lines tell what a text is made of.
        long matching = line.matcher(document.text()).results().limit(400).count();
        return (double) matching / Math.min(400, document.lines().size());
    }
}

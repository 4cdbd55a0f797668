package dev.sluice.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Extractive summary: the sentences that share most words with the others. TextRank (Mihalcea and Tarau, 2004) with
 * more weight for early sentences, and without choosing two that say the same.
 */
final class Summary {
    /** Three: about as many as a person reads before opening the document. */
    static final int SENTENCES = 3;

    /** 250: ranking takes the square of it; of longer texts the sentences with the most frequent words are ranked. */
    private static final int RANKED_MAX = 250;

    private static final int ITERATIONS = 20;
    private static final double DAMPING = 0.85;

    /** Half of the words in common: the second sentence would add too little. */
    private static final double SAME = 0.5;

    private static final int WORDS_MIN = 5;
    private static final int LINES_WITHOUT_PROSE = 8;

    /** 200 characters: a line of data shows what it is in less. */
    private static final int LINE_LENGTH_MAX = 200;

    /** English, German, French. */
    private static final Set<String> STOP_WORDS = Set.copyOf(List.of("""
            a about above after again all also am an and any are as at be because been before being below
            between both but by can could did do does doing down during each few for from further had has have
            having he her here hers him his how i if in into is it its itself just may me might more most must
            my no nor not now of off on once only or other our out over own same shall she should so some such
            than that the their them then there these they this those through to too under until up upon us very
            was we were what when where which while who whom why will with would you your yours der die das und
            oder ein eine einer eines den dem des mit von zu im in ist sind nicht auf für als auch an le la les
            et ou un une des de du dans pour par sur est sont que qui ne pas au aux""".split("\\s+")));

    private Summary() {}

    /**
     * The best sentences in the order of the text; lines of the text where it has no prose; "" where it has nothing.
     */
    static String of(Document document, int sentencesMax) {
        List<String> best = sentences(document, sentencesMax);
        if (!best.isEmpty()) return String.join(" ", best);
        return document.lines().stream()
                .filter(line -> line.chars().anyMatch(Character::isLetterOrDigit))
                .limit(LINES_WITHOUT_PROSE)
                .map(Summary::cut)
                .collect(Collectors.joining("; "));
    }

    /** A line of data, as far as it is shown. */
    static String cut(String line) {
        return line.length() <= LINE_LENGTH_MAX ? line : line.substring(0, LINE_LENGTH_MAX) + "…";
    }

    /** Up to {@code countMax} sentences that stand for the text, in its order; empty when it has no prose. */
    static List<String> sentences(Document document, int countMax) {
        List<String> prose =
                document.sentences().stream().filter(Summary::isProse).toList();
        List<String> ranked = mostFrequent(prose);
        List<Set<String>> words = ranked.stream().map(Summary::contentWords).toList();
        double[] ranks = rank(words);
        List<Integer> order = IntStream.range(0, ranked.size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -ranks[i]))
                .toList();
        List<Integer> chosen = new ArrayList<>();
        for (int candidate : order) {
            if (chosen.size() == countMax) break;
            if (chosen.stream().noneMatch(other -> same(words.get(candidate), words.get(other)))) chosen.add(candidate);
        }
        return chosen.stream().sorted().map(ranked::get).toList();
    }

    /** Words that carry meaning, most frequent first, equal ones in the order of the text. */
    static List<String> keywords(Document document, int countMax) {
        return frequencies(document.sentences()).entrySet().stream()
                .filter(entry ->
                        entry.getKey().length() > 3 && entry.getKey().chars().noneMatch(Character::isDigit))
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(countMax)
                .map(Map.Entry::getKey)
                .toList();
    }

    static Set<String> contentWords(String text) {
        return Document.words(text).stream()
                .filter(word -> word.length() > 1 && !STOP_WORDS.contains(word))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static boolean isProse(String sentence) {
        long letters = sentence.chars().filter(Character::isLetter).count();
        int words = Document.words(sentence).size();
        return words >= WORDS_MIN && letters * 10 >= sentence.length() * 6L && sentence.length() < 600;
    }

    private static Map<String, Integer> frequencies(List<String> sentences) {
        Map<String, Integer> frequencies = new LinkedHashMap<>();
        for (String sentence : sentences) {
            for (String word : Document.words(sentence)) {
                if (!STOP_WORDS.contains(word)) frequencies.merge(word, 1, Integer::sum);
            }
        }
        return frequencies;
    }

    private static List<String> mostFrequent(List<String> prose) {
        if (prose.size() <= RANKED_MAX) return prose;
        Map<String, Integer> frequencies = frequencies(prose);
        Map<Integer, Double> weights = new HashMap<>();
        for (int i = 0; i < prose.size(); i++) {
            Set<String> words = contentWords(prose.get(i));
            double sum = words.stream()
                    .mapToInt(word -> frequencies.getOrDefault(word, 0))
                    .sum();
            weights.put(i, sum / (words.size() + 3) * early(i, prose.size()));
        }
        return IntStream.range(0, prose.size())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -weights.get(i)))
                .limit(RANKED_MAX)
                .sorted()
                .map(prose::get)
                .toList();
    }

    /** 1.5 for the first sentence, falling to 1 at a third of the text. */
    private static double early(int index, int count) {
        return 1 + 0.5 * Math.max(0, 1 - 3.0 * index / count);
    }

    private static double[] rank(List<Set<String>> words) {
        int count = words.size();
        double[][] links = new double[count][count];
        double[] sums = new double[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < i; j++) {
                links[i][j] = links[j][i] = similarity(words.get(i), words.get(j));
                sums[i] += links[i][j];
                sums[j] += links[i][j];
            }
        }
        double[] ranks = new double[count];
        Arrays.fill(ranks, 1);
        for (int iteration = 0; iteration < ITERATIONS; iteration++) ranks = step(links, sums, ranks);
        for (int i = 0; i < count; i++) ranks[i] *= early(i, count);
        return ranks;
    }

    private static double[] step(double[][] links, double[] sums, double[] ranks) {
        double[] next = new double[ranks.length];
        for (int i = 0; i < ranks.length; i++) {
            double received = 0;
            for (int j = 0; j < ranks.length; j++) {
                if (links[i][j] > 0) received += links[i][j] / sums[j] * ranks[j];
            }
            next[i] = 1 - DAMPING + DAMPING * received;
        }
        return next;
    }

    private static double similarity(Set<String> left, Set<String> right) {
        int common = common(left, right);
        return common == 0 ? 0 : common / (Math.log(left.size() + 1) + Math.log(right.size() + 1));
    }

    private static boolean same(Set<String> left, Set<String> right) {
        return common(left, right) > SAME * Math.min(left.size(), right.size());
    }

    private static int common(Set<String> left, Set<String> right) {
        Set<String> smaller = left.size() < right.size() ? left : right;
        Set<String> larger = smaller == left ? right : left;
        int common = 0;
        for (String word : smaller) if (larger.contains(word)) common++;
        return common;
    }
}

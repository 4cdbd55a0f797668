package dev.sluice.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Takes a text apart into sentences and, where it has none, into lines. */
final class Sentences {
    /** 3,000 sentences are more than {@link Document} lets in of ordinary prose. */
    private static final int COUNT_MAX = 3_000;

    /** 500 characters: what is longer without a full stop is a table or data, and is split there. */
    private static final int LENGTH_MAX = 500;

    /** Text without any space is split all the same: a summary must not be one word of two megabytes. */
    private static final int WORD_LENGTH_MAX = LENGTH_MAX + 100;

    /** A line shorter than this that ends without a stop is a heading or an entry of its own. */
    private static final int FULL_LINE_LENGTH_MIN = 45;

    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "inc", "ltd", "co", "corp", "e.g", "i.e", "vs", "etc",
            "fig", "sec", "art", "cf", "al", "approx", "z.b", "d.h", "bzw", "usw", "jan", "feb", "mar", "apr", "jun",
            "jul", "aug", "sep", "sept", "oct", "nov", "dec", "vol", "pp", "ed", "jr", "sr", "u.s");

    private Sentences() {}

    static List<String> of(String text) {
        List<String> sentences = new ArrayList<>();
        for (String block : blocks(text)) {
            split(block, sentences);
            if (sentences.size() >= COUNT_MAX) return List.copyOf(sentences.subList(0, COUNT_MAX));
        }
        return List.copyOf(sentences);
    }

    /** Lines that belong together: wrapped prose is joined, headings and entries of lists stand alone. */
    private static List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        for (String raw : text.split("\n", -1)) {
            String line = raw.strip();
            boolean starts = line.isEmpty() || startsEntry(line);
            if (starts && !block.isEmpty()) flush(block, blocks);
            if (line.isEmpty()) continue;
            if (!block.isEmpty()) block.append(' ');
            block.append(line);
            if (line.length() < FULL_LINE_LENGTH_MIN) flush(block, blocks);
        }
        flush(block, blocks);
        return blocks;
    }

    private static void flush(StringBuilder block, List<String> blocks) {
        if (!block.isEmpty()) blocks.add(block.toString());
        block.setLength(0);
    }

    private static boolean startsEntry(String line) {
        char first = line.charAt(0);
        return first == '#' || first == '|' || line.startsWith("- ") || line.startsWith("* ") || first == '•';
    }

    private static void split(String block, List<String> sentences) {
        int start = 0;
        for (int i = 0; i < block.length(); i++) {
            int length = i - start;
            boolean ends = length >= LENGTH_MAX
                    ? block.charAt(i) == ' ' || length == WORD_LENGTH_MAX
                    : endsAt(block, start, i);
            if (!ends) continue;
            add(block.substring(start, i + 1), sentences);
            start = i + 1;
        }
        add(block.substring(start), sentences);
    }

    private static void add(String sentence, List<String> sentences) {
        String clean = sentence.replaceAll("^[#*•>|\\-\\s]+", "")
                .replaceAll("\\s+", " ")
                .strip();
        if (!clean.isEmpty()) sentences.add(clean);
    }

    private static boolean endsAt(String block, int start, int at) {
        char stop = block.charAt(at);
        if (stop != '.' && stop != '!' && stop != '?') return false;
        if (at + 1 >= block.length()) return true;
        if (block.charAt(at + 1) != ' ') return false;
        if (at + 2 < block.length() && Character.isLowerCase(block.charAt(at + 2))) return false;
        int word = block.lastIndexOf(' ', at) + 1;
        String last = block.substring(Math.max(start, Math.min(word, at)), at).toLowerCase(Locale.ROOT);
        boolean initial = last.length() == 1 && Character.isLetter(last.charAt(0));
        return stop != '.' || !(initial || ABBREVIATIONS.contains(last) || last.matches("\\(?\\d{1,2}"));
    }
}
